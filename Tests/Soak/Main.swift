// `swift run -c release Soak 6h [SEED]`: the program tests itself on simulated clusters for hours
// of virtual time, and says what it cost and what did not hold. Exit code 1: something did not.
import Arguments
import Glibc
import SoakTesting

@main
struct Main {
    /// More resident memory than this for one small cluster is a leak.
    private static let greatestMiB = 512.0

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        guard (1...2).contains(words.count), let length = words.first.flatMap(parseDuration),
            length > .zero, let seed = words.count == 2 ? words.last.flatMap(UInt64.init) : 1
        else {
            write("usage: Soak DURATION [SEED], such as Soak 6h 3", to: STDERR_FILENO)
            exit(2)
        }
        exit(run(seed: seed, hours: Double(length.components.seconds) / 3_600))
    }

    private static func run(seed: UInt64, hours: Double) -> Int32 {
        let began = ContinuousClock.now
        var soak = Soak(seed: seed, hours: hours)
        write("hours\texchanges\tpictures\tkeys\tresident MiB\ttimes real time")
        let report = soak.run { progress in
            let real = Double((ContinuousClock.now - began).components.seconds)
            write(
                "\(tenths(progress.hours))\t\(progress.exchanges)\t\(progress.pictures)\t"
                    + "\(progress.keys)\t\(tenths(residentMiB()))\t"
                    + "\(Int(progress.hours * 3_600 / max(real, 1)))")
        }
        var faults = report.faults
        let resident = residentMiB()
        if resident > greatestMiB { faults.append("\(tenths(resident)) MiB resident") }
        guard !faults.isEmpty else {
            write("all held for \(tenths(hours)) simulated hours")
            return 0
        }
        for line in soak.recentTrace { write(line.debugDescription, to: STDERR_FILENO) }
        write(report.lastFrame, to: STDERR_FILENO)
        write("keys: " + report.keys, to: STDERR_FILENO)
        for fault in faults { write(fault.debugDescription, to: STDERR_FILENO) }
        write(
            "after \(tenths(report.seconds / 3_600)) h. Replay: swift run -c release Soak "
                + "\(Int((hours * 60).rounded(.up)))m \(seed)", to: STDERR_FILENO)
        return 1
    }

    private static func write(_ line: String, to descriptor: Int32 = STDOUT_FILENO) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }

    private static func tenths(_ number: Double) -> String {
        let whole = Int((number * 10).rounded())
        return "\(whole / 10).\(whole % 10)"
    }

    /// The second number of statm is the resident set in pages.
    private static func residentMiB() -> Double {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = fread(&bytes, 1, bytes.count, file)
        let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        guard words.count > 1, let pages = Double(words[1]) else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}
