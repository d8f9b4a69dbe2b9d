// Pseudo-terminals, on which tests run whole programs.
#ifndef CPSEUDOTERMINAL_H
#define CPSEUDOTERMINAL_H
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// Starts a program on a new pseudo-terminal of its own session; its process id, or -1.
static inline int pty_spawn(int *master, int rows, int columns, const char *path,
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

static inline int pty_resize(int master, int rows, int columns) {
    struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};
    return ioctl(master, TIOCSWINSZ, &size);
}

/// A descriptor that is readable once the child has ended (Linux 5.3), -1 without.
static inline int pty_process_descriptor(int child) {
    return (int)syscall(SYS_pidfd_open, child, 0);
}

/// 128 + n for an end by signal n, else the exit code; -1 while it runs, -2 when it is stopped.
static inline int pty_exit_code(int child, int block) {
    int status;
    int found = waitpid(child, &status, (block ? 0 : WNOHANG) | WUNTRACED);
    if (found <= 0) return -1;
    if (WIFSTOPPED(status)) return -2;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
#endif
