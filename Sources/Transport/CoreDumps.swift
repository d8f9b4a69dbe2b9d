// What keeps a process that knows secrets from leaving them behind when it crashes.
import CHost
import Glibc

/// From now on the system writes no core of this process, to a file or to a program, and nobody
/// else may read its memory.
package func forbidCoreDumps() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    chost_forbid_dumps()
}
