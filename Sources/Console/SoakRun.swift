// `highwater demo --soak 8h --seed 3`: the program tests itself on simulated clusters for hours of
// virtual time, and says what it cost and what did not hold.
import Arguments
import Driving
import Glibc
import Transport

/// One soak, told on stdout a line a simulated hour.
@MainActor
struct SoakRun {
    let seed: UInt64
    let hours: Double

    /// More resident memory than this for one small cluster is a leak.
    private static let greatestMiB = 512.0

    func run() -> Int32 {
        let began = EpollClock.now
        var soak = Soak(seed: seed, hours: hours)
        let out = OutputStream.standardOutput
        out.line("hours\texchanges\tpictures\tkeys\tresident MiB\ttimes real time")
        let report = soak.run { progress in
            let real = Double(EpollClock.now - began) / 1e9
            out.line(
                "\(tenths(progress.hours))\t\(progress.exchanges)\t\(progress.pictures)\t"
                    + "\(progress.keys)\t\(tenths(Self.residentMiB()))\t"
                    + "\(Int(progress.hours * 3_600 / max(real, 0.001)))")
        }
        var faults = report.faults
        let resident = Self.residentMiB()
        if resident > Self.greatestMiB { faults.append("\(tenths(resident)) MiB resident") }
        guard !faults.isEmpty else {
            out.line("all held for \(tenths(hours)) simulated hours")
            return ExitCode.done.rawValue
        }
        let error = OutputStream.standardError
        for line in soak.recentTrace { error.line(printable(line)) }
        error.line(report.lastFrame)
        error.line("keys: " + printable(report.keys))
        for fault in faults { error.line("highwater: " + printable(fault)) }
        error.line(
            "highwater: after \(tenths(report.seconds / 3_600)) h. Replay: highwater demo "
                + "--soak \(Int((hours * 60).rounded(.up)))m --seed \(seed)")
        return ExitCode.faulty.rawValue
    }

    private func tenths(_ number: Double) -> String {
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
