// What Swift cannot name of curses and of the terminal: macros, shared globals, variadics and
// signal handling, as static inline functions. No state of its own but the crash handler's pointer.
#ifndef CTERMINAL_H
#define CTERMINAL_H
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
// term.h leaves hundreds of short macros behind; these would break other headers.
#undef lines
#undef columns
#undef newline
#undef tab

extern int wcwidth(wchar_t);

// MARK: curses

/// One column as curses takes it.
typedef struct ct_cell {
    uint32_t scalar;
    uint32_t attributes;
    int32_t pair;
} ct_cell;

static const uint32_t ct_bold = A_BOLD, ct_dim = A_DIM, ct_underline = A_UNDERLINE,
                      ct_reverse = A_REVERSE;

/// Whether terminfo knows the terminal: 0 no; 1 yes, but it cannot place its cursor; 2 yes.
static inline int ct_terminal_kind(const char *term) {
    int problem = 0;
    if (setupterm(term, STDOUT_FILENO, &problem) != OK) return 0;
    const char *cup = tigetstr("cup");
    int kind = cup != NULL && cup != (char *)-1 ? 2 : 1;
    del_curterm(cur_term);
    return kind;
}

static inline SCREEN *ct_open(const char *term) {
    use_tioctl(TRUE);
    SCREEN *screen = newterm(term, stdout, stdin);
    if (!screen) return NULL;
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    // The screen is never held back because keys are waiting: this program reads them itself.
    typeahead(-1);
    scrollok(stdscr, FALSE);
    curs_set(0);
    leaveok(stdscr, TRUE);
    return screen;
}

/// Colours usable by index, 0 for none; starts them.
static inline int ct_start_color(void) {
    if (!has_colors()) return 0;
    if (start_color() != OK) return 0;
    if (use_default_colors() != OK) assume_default_colors(COLOR_WHITE, COLOR_BLACK);
    return COLORS;
}

static inline void ct_close(SCREEN *screen) {
    endwin();
    delscreen(screen);
}

static inline int ct_rows(void) { return getmaxy(stdscr); }
static inline int ct_columns(void) { return getmaxx(stdscr); }

/// The window size as the terminal's driver has it; 0 when it does not know.
static inline int ct_window_size(int fd, int *rows, int *columns) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return 0;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 1;
}

static inline void ct_put(int row, int column, const ct_cell *cells, int count) {
    cchar_t line[256];
    wchar_t text[2] = {0, 0};
    while (count > 0) {
        int n = count < 256 ? count : 256, width = 0;
        for (int i = 0; i < n; i++) {
            int pair = cells[i].pair;
            text[0] = (wchar_t)cells[i].scalar;
            setcchar(&line[i], text, (attr_t)cells[i].attributes, 0, &pair);
            int w = cells[i].scalar < 0x80 ? 1 : wcwidth((wchar_t)cells[i].scalar);
            width += w > 1 ? w : 1;
        }
        mvadd_wchnstr(row, column, line, n);
        cells += n;
        count -= n;
        column += width;
    }
}

/// Forgets what is on the glass: the next update repaints all of it.
static inline void ct_forget(void) {
    werase(stdscr);
    clearok(stdscr, TRUE);
}

/// Shows the cursor at a place, or hides it (row < 0).
static inline void ct_cursor(int row, int column) {
    if (row < 0) {
        curs_set(0);
        leaveok(stdscr, TRUE);
    } else {
        leaveok(stdscr, FALSE);
        wmove(stdscr, row, column);
        curs_set(1);
    }
}

static inline void ct_update(void) {
    wnoutrefresh(stdscr);
    doupdate();
}

/// A string capability without its padding; the length, 0 when the terminal lacks it.
static inline int ct_capability(const char *name, char *into, int room) {
    const char *text = tigetstr(name);
    if (text == NULL || text == (char *)-1) return 0;
    int n = 0;
    while (*text && n < room) {
        if (text[0] == '$' && text[1] == '<') {
            const char *end = strchr(text, '>');
            if (end) {
                text = end + 1;
                continue;
            }
        }
        into[n++] = *text++;
    }
    return n;
}

// MARK: locale

/// Sets the character type from the environment. 1 when it is UTF-8. A UTF-8 locale that is asked
/// for but not installed becomes C.UTF-8, which always is.
static inline int ct_set_locale(void) {
    const char *set = setlocale(LC_CTYPE, "");
    if (set && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
    const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *wanted = getenv(names[i]);
        if (!wanted || !*wanted) continue;
        if (!strcasestr(wanted, "utf-8") && !strcasestr(wanted, "utf8")) break;
        if (!setlocale(LC_CTYPE, "C.UTF-8")) break;
        return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    }
    return 0;
}

static inline int ct_scalar_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

// MARK: signals, and the way out when the main thread cannot take it

enum {
    CT_RESIZED = 1,
    CT_SUSPEND = 2,
    CT_CONTINUED = 4,
    CT_ENDING = 8,
};

/// Shared by the main thread, the watching thread and the crash handler.
typedef struct ct_rescue {
    int wake;         // eventfd that the main loop polls
    int tty;          // the terminal through a description of its own, non-blocking; -1 without
    unsigned pending; // CT_ bits
    int ending;       // the first signal that ends the process
    int grace_ms;     // how long the main thread has to end by itself
    int restore_count;
    char restore[512]; // what makes the terminal usable again
    struct termios modes;
    int error_copy;   // the real stderr while it is held back, else -1
    int error_held;   // where it is held, else -1
} ct_rescue;

static inline void ct_signal_set(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGWINCH);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGQUIT);
    sigaddset(set, SIGTSTP);
    sigaddset(set, SIGCONT);
}

/// Blocks the signals that the watching thread takes; every later thread inherits that.
static inline void ct_block_signals(void) {
    sigset_t set;
    ct_signal_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static inline ct_rescue *ct_rescue_new(int grace_ms) {
    ct_rescue *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    r->tty = -1;
    r->error_copy = r->error_held = -1;
    r->grace_ms = grace_ms;
    return r;
}

/// Takes note of the terminal as it is now, before curses changes it.
static inline void ct_rescue_prepare(ct_rescue *r) {
    if (r->tty < 0) r->tty = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (r->tty < 0) {
        const char *name = ttyname(STDOUT_FILENO);
        if (name) r->tty = open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    tcgetattr(STDIN_FILENO, &r->modes);
}

static inline void ct_rescue_arm(ct_rescue *r, const char *restore, int count) {
    if (count > (int)sizeof r->restore) count = sizeof r->restore;
    memcpy(r->restore, restore, count);
    __atomic_store_n(&r->restore_count, count, __ATOMIC_RELEASE);
}

static inline void ct_rescue_disarm(ct_rescue *r) {
    __atomic_store_n(&r->restore_count, 0, __ATOMIC_RELEASE);
}

/// Async-signal-safe. Leaves the terminal as it was found, as far as it takes anything.
static inline void ct_restore_now(ct_rescue *r) {
    int count = __atomic_exchange_n(&r->restore_count, 0, __ATOMIC_ACQ_REL);
    if (r->tty < 0 || count == 0) return;
    tcsetattr(r->tty, TCSANOW, &r->modes);
    for (int attempt = 0; attempt < 10 && count > 0; attempt++) {
        // What was on its way would only stand in front of this.
        tcflush(r->tty, TCOFLUSH);
        ssize_t written = write(r->tty, r->restore, count);
        if (written >= count || (written < 0 && errno != EAGAIN && errno != EINTR)) break;
        struct pollfd ready = {r->tty, POLLOUT, 0};
        poll(&ready, 1, 10);
    }
}

// MARK: stderr while the screen is up

/// Holds back what is written to stderr when that is the terminal, so that it cannot spoil the
/// picture; `ct_release_errors` writes it out.
static inline void ct_hold_errors(ct_rescue *r) {
    if (r->error_copy >= 0 || !isatty(STDERR_FILENO)) return;
    // By number: the function needs _GNU_SOURCE, which would set this header's types apart from the
    // Glibc module's. 1 is MFD_CLOEXEC.
    int held = (int)syscall(SYS_memfd_create, "stderr", 1);
    int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    if (held < 0 || copy < 0 || dup2(held, STDERR_FILENO) < 0) {
        if (held >= 0) close(held);
        if (copy >= 0) close(copy);
        return;
    }
    r->error_held = held;
    r->error_copy = copy;
}

/// Async-signal-safe.
static inline void ct_release_errors(ct_rescue *r) {
    if (r->error_copy < 0) return;
    dup2(r->error_copy, STDERR_FILENO);
    char chunk[1024];
    off_t at = 0;
    ssize_t n;
    while (at < 65536 && (n = pread(r->error_held, chunk, sizeof chunk, at)) > 0) {
        if (write(STDERR_FILENO, chunk, n) < 0) break;
        at += n;
    }
    close(r->error_held);
    close(r->error_copy);
    r->error_copy = r->error_held = -1;
}

// MARK: the watching thread

static inline long ct_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void ct_rescue_tell(ct_rescue *r, unsigned what) {
    __atomic_fetch_or(&r->pending, what, __ATOMIC_ACQ_REL);
    uint64_t one = 1;
    ssize_t n = write(r->wake, &one, sizeof one);
    (void)n;
}

static inline void *ct_watch(void *context) {
    ct_rescue *r = context;
    sigset_t set, stop;
    ct_signal_set(&set);
    // A background process may restore the terminal it leaves.
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    long deadline = 0;
    for (;;) {
        int number;
        if (deadline) {
            long left = deadline - ct_now_ms();
            if (left < 0) left = 0;
            struct timespec wait = {left / 1000, left % 1000 * 1000000};
            number = sigtimedwait(&set, NULL, &wait);
            if (number < 0 && errno == EAGAIN) {
                ct_restore_now(r);
                _exit(128 + r->ending);
            }
        } else {
            number = sigwaitinfo(&set, NULL);
        }
        switch (number) {
        case SIGWINCH: ct_rescue_tell(r, CT_RESIZED); break;
        case SIGTSTP: ct_rescue_tell(r, CT_SUSPEND); break;
        case SIGCONT: ct_rescue_tell(r, CT_CONTINUED); break;
        case SIGINT:
        case SIGTERM:
        case SIGHUP:
        case SIGQUIT:
            if (deadline) break;
            __atomic_store_n(&r->ending, number, __ATOMIC_RELEASE);
            deadline = ct_now_ms() + r->grace_ms;
            ct_rescue_tell(r, CT_ENDING);
            break;
        default: break;
        }
    }
    return NULL;
}

static inline int ct_start_watching(ct_rescue *r) {
    pthread_t thread;
    return pthread_create(&thread, NULL, ct_watch, r) == 0 && pthread_detach(thread) == 0;
}

/// What happened since the last call: CT_ bits.
static inline unsigned ct_rescue_take(ct_rescue *r) {
    uint64_t count;
    ssize_t n = read(r->wake, &count, sizeof count);
    (void)n;
    return __atomic_exchange_n(&r->pending, 0, __ATOMIC_ACQ_REL);
}

static inline int ct_rescue_ending(ct_rescue *r) {
    return __atomic_load_n(&r->ending, __ATOMIC_ACQUIRE);
}

/// Stops the process group as the shell's Ctrl-Z would, and returns when it goes on. Nothing
/// happens in an orphaned group: nobody could wake it.
static inline void ct_stop_here(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    signal(SIGTSTP, SIG_DFL);
    kill(0, SIGTSTP);
    // Delivered to this thread now, and only now.
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/// From here on the process may write to the terminal from the background.
static inline void ct_allow_background(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

// MARK: crashes

typedef struct ct_crash_state {
    ct_rescue *rescue;
    struct sigaction earlier[65];
} ct_crash_state;

/// A handler is given no context, so this one thing is static. Inside a function, because Swift
/// emits no variable of a header.
static inline ct_crash_state *ct_crash(void) {
    static ct_crash_state state;
    return &state;
}

static inline void ct_crashed(int number) {
    if (ct_crash()->rescue) {
        ct_restore_now(ct_crash()->rescue);
        ct_release_errors(ct_crash()->rescue);
    }
    // The fault happens again on return, and then whoever was here before handles it.
    sigaction(number, &ct_crash()->earlier[number], NULL);
    if (number == SIGABRT) raise(number);
}

/// Makes a crash restore the terminal first. Use from one Swift file only: each would have its own
/// `ct_crash`.
static inline void ct_catch_crashes(ct_rescue *r) {
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
    ct_crash()->rescue = r;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ct_crashed;
    action.sa_flags = SA_ONSTACK;
    sigfillset(&action.sa_mask);
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
        stack.ss_size = 65536;
        stack.ss_sp = malloc(stack.ss_size);
        stack.ss_flags = 0;
        if (stack.ss_sp) sigaltstack(&stack, NULL);
    }
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, &ct_crash()->earlier[numbers[i]]);
}

// MARK: pseudo-terminals, for tests

/// Starts a program on a new pseudo-terminal of its own session; its process id, or -1.
static inline int ct_spawn(int *master, int rows, int columns, const char *path,
                           char *const arguments[], char *const environment[]) {
    struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};
    int child = forkpty(master, NULL, NULL, &size);
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(path, arguments, environment);
        _exit(127);
    }
    if (child > 0) fcntl(*master, F_SETFD, FD_CLOEXEC);
    return child;
}

static inline int ct_resize(int master, int rows, int columns) {
    struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};
    return ioctl(master, TIOCSWINSZ, &size);
}

/// A descriptor that is readable once the child has ended (Linux 5.3), -1 without.
static inline int ct_process_descriptor(int child) {
    return (int)syscall(SYS_pidfd_open, child, 0);
}

/// 128 + n for an end by signal n, else the exit code; -1 while it runs, -2 when it is stopped.
static inline int ct_exit_code(int child, int block) {
    int status;
    int found = waitpid(child, &status, (block ? 0 : WNOHANG) | WUNTRACED);
    if (found <= 0) return -1;
    if (WIFSTOPPED(status)) return -2;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
#endif
