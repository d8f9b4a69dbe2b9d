// Opens the host's libssl once and fills the table of its functions: see chost_openssl.h.
#include "chost_openssl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBLEM_ROOM = 1024 };
// OPENSSL_INIT_NO_ATEXIT: its handler at exit takes the library away under other threads' feet.
enum { NO_ATEXIT = 0x00080000 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static chost_openssl table;
static int is_loaded;
static char problem[PROBLEM_ROOM];

static void say(const char *text) {
    size_t used = strlen(problem);
    snprintf(problem + used, sizeof problem - used, "%s%s", used ? "; " : "", text);
}

static void *open_first(void) {
    static const char *const names[] = {"libssl.so.3", "libssl.so.4", "libssl.so.1.1"};
    const char *named = getenv("HIGHWATER_LIBSSL");
    if (named && *named) {
        void *library = dlopen(named, RTLD_NOW | RTLD_LOCAL);
        const char *error = library ? NULL : dlerror();
        if (!library) say(error ? error : named);
        return library;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
        const char *error = dlerror();
        say(error ? error : names[i]);
    }
    return NULL;
}

// Everything is asked of libssl's handle, which also finds the symbols of its own libcrypto: the
// two can never be of different versions.
static int find(void *library, const char *name, void *place) {
    void *symbol = dlsym(library, name);
    if (!symbol) {
        char text[PROBLEM_ROOM / 4];
        snprintf(text, sizeof text, "the library has no function %s", name);
        say(text);
        return 0;
    }
    memcpy(place, &symbol, sizeof symbol);
    return 1;
}

static void load(void) {
    void *library = open_first();
    if (!library) return;
#define CHOST_FIND(result, name, arguments) && find(library, #name, &table.name)
    if (!(1 CHOST_CRYPTO(CHOST_FIND) CHOST_TLS(CHOST_FIND))) return;
#undef CHOST_FIND
    void *legacy = dlsym(library, "OSSL_PROVIDER_try_load");
    memcpy(&table.OSSL_PROVIDER_try_load, &legacy, sizeof legacy);
    if (table.OPENSSL_init_ssl(NO_ATEXIT, NULL) != 1) return say("the library does not start");
    problem[0] = 0;
    is_loaded = 1;
}

const chost_openssl *chost_openssl_load(void) {
    pthread_once(&once, load);
    return is_loaded ? &table : NULL;
}

const char *chost_openssl_problem(void) { return problem; }
