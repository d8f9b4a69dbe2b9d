// The wall clock as the operator reads it. Only libc knows the time zone.
import ClusterModel
import Glibc

enum LocalClock {
    /// Now, and its local time as HH:MM:SS.
    static var now: (time: WallTime, text: String) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var seconds = time.tv_sec
        var parts = tm()
        localtime_r(&seconds, &parts)
        let fields = [parts.tm_hour, parts.tm_min, parts.tm_sec].map {
            $0 < 10 ? "0\($0)" : "\($0)"
        }
        return (
            WallTime(ms: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec / 1_000_000)),
            fields.joined(separator: ":")
        )
    }
}
