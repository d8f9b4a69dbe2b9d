// Signals, stderr, crashes, and the way out when the main thread cannot take it. Included by
// CTerminal.h.
#ifndef CTERMINAL_RESCUE_H
#define CTERMINAL_RESCUE_H

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
    int null;         // /dev/null, for what nobody will read
    pthread_t owner;  // the thread that draws
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
    r->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    r->owner = pthread_self();
    tcgetattr(STDIN_FILENO, &r->modes);
}

static inline void ct_rescue_arm(ct_rescue *r, const char *restore, int count) {
    if (count > (int)sizeof r->restore) count = sizeof r->restore;
    memcpy(r->restore, restore, count);
    __atomic_store_n(&r->restore_count, count, __ATOMIC_RELEASE);
}

/// The restoring is the caller's from here on, and only its: how many bytes of `restore` it takes,
/// 0 when the terminal was not changed or somebody else has it.
static inline int ct_rescue_claim(ct_rescue *r) {
    return __atomic_exchange_n(&r->restore_count, 0, __ATOMIC_ACQ_REL);
}

/// Says that the terminal is as it was found, by the caller's own hand. Where the watching thread
/// or a crash has claimed it meanwhile it does not return: what the caller wrote may have gone
/// to /dev/null, and whoever claimed it ends the process when the terminal is restored.
static inline void ct_rescue_disarm(ct_rescue *r) {
    if (ct_rescue_claim(r) > 0) return;
    for (;;) pause();
}

static inline long ct_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Async-signal-safe. Leaves the terminal as it was found with the `count` bytes that
/// `ct_rescue_claim` gave, as far as it takes anything within half a second: a write of another
/// thread that was under way keeps the terminal's lock until that thread has run again, and the
/// terminal says it is ready all the while.
static inline void ct_restore_now(ct_rescue *r, int count) {
    if (r->tty < 0 || count == 0) return;
    tcsetattr(r->tty, TCSANOW, &r->modes);
    for (long end = ct_now_ms() + 500;;) {
        // What was on its way would only stand in front of this.
        tcflush(r->tty, TCOFLUSH);
        ssize_t written = write(r->tty, r->restore, count);
        if (written >= count || (written < 0 && errno != EAGAIN && errno != EINTR)) break;
        if (ct_now_ms() >= end) break;
        poll(NULL, 0, 2);
    }
}

static inline void ct_nothing(int number) { (void)number; }

/// Frees the terminal of a write that blocks the owner: the rest of it goes to /dev/null, and a
/// signal whose handler does nothing ends the part that waits.
static inline void ct_unblock_owner(ct_rescue *r) {
    if (r->null >= 0) dup2(r->null, STDOUT_FILENO);
    pthread_kill(r->owner, SIGURG);
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
        siginfo_t from;
        memset(&from, 0, sizeof from);
        if (deadline) {
            long left = deadline - ct_now_ms();
            if (left < 0) left = 0;
            struct timespec wait = {left / 1000, left % 1000 * 1000000};
            number = sigtimedwait(&set, &from, &wait);
            if (number < 0 && errno == EAGAIN) {
                // Before the owner can move: it must not end the process over the restoring.
                int count = ct_rescue_claim(r);
                ct_unblock_owner(r);
                ct_restore_now(r, count);
                _exit(128 + r->ending);
            }
        } else {
            number = sigwaitinfo(&set, &from);
        }
        switch (number) {
        case SIGWINCH: ct_rescue_tell(r, CT_RESIZED); break;
        case SIGTSTP:
            // Not the one that ct_stop_here sends to the whole group.
            if (from.si_pid != getpid()) ct_rescue_tell(r, CT_SUSPEND);
            break;
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
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ct_nothing;
    // Without SA_RESTART: a blocked write shall return.
    sigaction(SIGURG, &action, NULL);
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
/// happens in an orphaned group: nobody could wake it. Leaves CT_RESIZED to be taken.
static inline void ct_stop_here(ct_rescue *r) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    signal(SIGTSTP, SIG_DFL);
    // For the others of the group; this process's own is taken by the watching thread, so this
    // thread needs one that is only its own.
    kill(0, SIGTSTP);
    pthread_kill(pthread_self(), SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    __atomic_fetch_and(&r->pending, ~(unsigned)(CT_SUSPEND | CT_CONTINUED), __ATOMIC_ACQ_REL);
    ct_rescue_tell(r, CT_RESIZED);
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
        ct_restore_now(ct_crash()->rescue, ct_rescue_claim(ct_crash()->rescue));
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
#endif
