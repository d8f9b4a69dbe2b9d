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
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
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

#include "Rescue.h"
#endif
