// The figures and how they are printed: a table for people, JSON for scripts.
import Glibc
import JSON

/// One measured figure beside its budget.
struct Figure {
    enum Unit: String {
        case milliseconds = "ms"
        case nanoseconds = "ns"
        case count = ""
        case megabytes = "MB"
        case percent = "%"
        case kilobytesPerSecond = "KB/s"
        case number = "/"
    }
    var name: String
    var value: Double
    var unit: Unit
    /// In the same unit; nil where the figure is only for information.
    var budget: Double?
    /// The same on every run: over budget is a fault, not a busy machine.
    var isExact: Bool

    var isOver: Bool { budget.map { value > $0 } ?? false }
}

/// Figures in the order they were measured.
struct Report {
    private(set) var figures: [Figure] = []
    let isJSON: Bool

    init(isJSON: Bool) {
        self.isJSON = isJSON
        if !isJSON {
            line("FIGURE".padded(to: Self.nameWidth), "MEASURED", "BUDGET", "")
        }
    }

    var isOverExactBudget: Bool { figures.contains { $0.isExact && $0.isOver } }

    mutating func time(_ name: String, _ seconds: Double, budget: Double? = nil) {
        add(
            Figure(
                name: name, value: seconds * 1e3, unit: .milliseconds,
                budget: budget.map { $0 * 1e3 },
                isExact: false))
    }

    mutating func each(_ name: String, _ seconds: Double, of count: Int) {
        add(
            Figure(
                name: name, value: seconds * 1e9 / Double(max(1, count)), unit: .nanoseconds,
                budget: nil, isExact: false))
    }

    mutating func count(_ name: String, _ count: UInt64, budget: Double? = nil) {
        add(
            Figure(
                name: name, value: Double(count), unit: .count, budget: budget, isExact: true))
    }

    mutating func bytes(
        _ name: String, _ bytes: UInt64, budget: Double? = nil, isExact: Bool = true
    ) {
        let unit = 1_048_576.0
        add(
            Figure(
                name: name, value: Double(bytes) / unit, unit: .megabytes,
                budget: budget.map { $0 / unit }, isExact: isExact))
    }

    /// A share of one core, 0 to 1 and more.
    mutating func share(_ name: String, _ share: Double, budget: Double? = nil) {
        add(
            Figure(
                name: name, value: share * 100, unit: .percent, budget: budget.map { $0 * 100 },
                isExact: false))
    }

    /// Bytes a second.
    mutating func rate(_ name: String, _ bytes: Double, budget: Double? = nil) {
        add(
            Figure(
                name: name, value: bytes / 1_024, unit: .kilobytesPerSecond,
                budget: budget.map { $0 / 1_024 }, isExact: false))
    }

    /// A number that need not be whole.
    mutating func number(_ name: String, _ number: Double, budget: Double? = nil) {
        add(Figure(name: name, value: number, unit: .number, budget: budget, isExact: false))
    }

    /// A sentence between the figures.
    func note(_ text: String) {
        if !isJSON {
            print(text)
            fflush(nil)
        }
    }

    private mutating func add(_ figure: Figure) {
        figures.append(figure)
        guard !isJSON else { return }
        let verdict = figure.budget == nil ? "" : figure.isOver ? "OVER" : "ok"
        line(
            figure.name.padded(to: Self.nameWidth), figure.text(figure.value),
            figure.budget.map(figure.text) ?? "-", verdict)
    }

    private static let nameWidth = 58

    private func line(_ name: String, _ value: String, _ budget: String, _ verdict: String) {
        print(name, value.padded(to: 14, right: true), budget.padded(to: 14, right: true), verdict)
        fflush(nil)
    }

    /// Prints the figures as one JSON array.
    func printJSON() throws {
        var bytes: [UInt8] = []
        try withJSON { piece in bytes += piece }
        print(String(decoding: bytes, as: UTF8.self))
    }

    private func withJSON(_ sink: @escaping JSONWriter.Sink) throws {
        var writer = JSONWriter(isPretty: true, sink: sink)
        writer.openArray()
        for figure in figures {
            writer.openRecord()
            writer.field("name", figure.name)
            writer.field("value", figure.value)
            writer.field("unit", figure.unit.rawValue)
            writer.field("budget", figure.budget)
            writer.field("exact", figure.isExact)
            writer.field("over", figure.isOver)
            writer.closeObject()
        }
        writer.closeArray()
        try writer.finish()
    }
}

extension Figure {
    func text(_ value: Double) -> String {
        let number = value.decimals(unit == .count || value >= 1_000 ? 0 : value < 10 ? 2 : 1)
        return unit == .count || unit == .number ? number : number + " " + unit.rawValue
    }
}

extension Double {
    /// With so many digits behind the point; digits before it in groups of three.
    fileprivate func decimals(_ count: Int) -> String {
        guard isFinite, abs(self) < 1e15 else { return "?" }
        let scale = [1.0, 10, 100][count]
        let whole = Int((self * scale).rounded())
        var digits = String(whole)
        while digits.utf8.count <= count { digits = "0" + digits }
        var text = String(digits.dropLast(count))
        var at = text.count - 3
        while at > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: at))
            at -= 3
        }
        return count == 0 ? text : text + "." + digits.suffix(count)
    }
}

extension String {
    fileprivate func padded(to width: Int, right: Bool = false) -> String {
        let room = String(repeating: " ", count: max(0, width - count))
        return right ? room + self : self + room
    }
}
