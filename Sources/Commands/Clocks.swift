// The process's clocks: one that only goes forward, and the wall's as the operator reads it. Only
// libc knows the time zone.
internal import Glibc

/// The monotonic clock, the same that the loop lives by.
enum MonotonicClock {
    /// Nanoseconds since some moment.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

enum LocalClock {
    /// Milliseconds since 1970.
    static var wallMs: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec / 1_000_000)
    }

    /// The local time at a moment as HH:MM:SS.
    static func text(wallMs: Int64) -> String {
        var seconds = time_t(wallMs / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        let fields = [parts.tm_hour, parts.tm_min, parts.tm_sec].map {
            $0 < 10 ? "0\($0)" : "\($0)"
        }
        return fields.joined(separator: ":")
    }

    /// The local day and time at a moment, as YYYY-MM-DD HH:MM:SS.
    static func stamp(wallMs: Int64) -> String {
        var seconds = time_t(wallMs / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        let day = [parts.tm_mon + 1, parts.tm_mday].map { $0 < 10 ? "-0\($0)" : "-\($0)" }
        return "\(Int(parts.tm_year) + 1900)" + day.joined() + " " + text(wallMs: wallMs)
    }
}
