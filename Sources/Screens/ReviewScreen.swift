// The review: the only door to a change. What is proposed stands here before anything is sent, and
// what became of it afterwards.

internal import ClusterModel
internal import Drawing
internal import Planning

/// One proposal: before and after, what could go wrong, how to take it back, the same by hand.
struct ReviewScreen: Screen {
    static let entry = ScreenEntry(
        name: "review", title: "review", help: "what a change would do, before it is made")
    static let traits: ScreenTraits = .typing
    static let bindings = [
        Binding(
            keys: [.enter], label: "Enter", action: .open, title: "go on",
            help: "begin, once the word asked for stands there; then go back", hint: 1, area: "Look"
        ),
        Binding(
            keys: [.escape], label: "Esc", action: .back, title: "leave all as it is",
            help: "leave everything as it is; stop what has begun", hint: 2, area: "Look"),
        Binding(
            keys: [.up, .down], label: "↑ ↓", action: .lines(1), title: "scroll",
            help: "scroll what is changed", hint: 3, area: "Look"),
        Binding(
            keys: [.tab], label: "Tab", action: .nextPane, title: "note",
            help: "write why, for the journal; Enter keeps it", hint: 4, area: "Look"),
    ]

    private enum Stage: Sendable {
        case asking
        case running(done: Int, of: Int, isStopping: Bool)
        case refused(OperationRefusal)
        case ended(outcomes: [StepOutcome], reason: String?)
    }

    /// What was read again after the end, newest last.
    private var readAgain: [ReadAgain] = []

    private let request: ChangeRequest
    private var review: Review
    private let differences: [ValueChange]
    private var stage = Stage.asking
    private var top = 0
    /// When its first frame was there; keys typed before were meant for what was there before.
    private var shownAt: Instant?
    private var hasWarnedOfQuit = false
    /// Why, for the journal, and what it was before this line was opened; nil: it is not open.
    private var note = ""
    private var noteBefore: String?

    init(_ request: ChangeRequest, _ review: Review) {
        self.request = request
        self.review = review
        differences = review.proposal.rows
    }

    init?(_ subject: ObjectID?, _ scene: Scene) { return nil }

    var crumb: String { "review" }

    // MARK: Keys

    mutating func tick(_ now: Instant) { if shownAt == nil { shownAt = now } }

    mutating func update(_ action: Action, _ scene: Scene) -> [Request] { [] }

    mutating func take(_ key: Key, _ scene: Scene) -> [Request] {
        switch key {
        case .control("l"): return [.perform(.redraw)]
        case .control("z"): return [.perform(.suspend)]
        case .up, .wheelUp: scroll(-1, scene)
        case .down, .wheelDown: scroll(1, scene)
        case .pageUp: scroll(-scene.body.height / 2, scene)
        case .pageDown: scroll(scene.body.height / 2, scene)
        case .control("c"): return quit()
        case .escape: return leave()
        default: return takeText(key, scene)
        }
        return []
    }

    private mutating func scroll(_ count: Int, _ scene: Scene) {
        let width = scene.body.width - 2
        let room = max(1, scene.body.height - questionLines(width).count)
        top = min(max(0, top + count), max(0, lines(width).count - room))
    }

    private mutating func quit() -> [Request] {
        guard case .running = stage, !hasWarnedOfQuit else { return [.perform(.quit)] }
        hasWarnedOfQuit = true
        return [.refuse("the change is being carried out: Esc stops it, Ctrl-c again quits")]
    }

    private mutating func leave() -> [Request] {
        if let before = noteBefore {
            (note, noteBefore) = (before, nil)
            return []
        }
        guard case .running(let done, let count, _) = stage else { return [.leave] }
        stage = .running(done: done, of: count, isStopping: true)
        return [.effect(.stopChange)]
    }

    private mutating func takeText(_ key: Key, _ scene: Scene) -> [Request] {
        switch (stage, key) {
        case (.asking, _):
            guard let shownAt, scene.now.seconds(since: shownAt) >= Limits.unheardSeconds else {
                return []
            }
            return noteBefore == nil ? takePhrase(key) : takeNote(key)
        case (.refused(.changed(let facts)), .enter):
            // The next review is of the values as they were just read.
            var next = request
            let read = facts.map { Fact($0.reviewed.subject, $0.reviewed.property, $0.now) }
            next.facts = next.facts.filter { old in
                !read.contains { $0.subject == old.subject && $0.property == old.property }
            }
            next.facts += read
            return [.leave, .effect(.propose(next))]
        case (.running, _): return []
        case (_, .enter): return [.leave]
        default: return []
        }
    }

    private mutating func takePhrase(_ key: Key) -> [Request] {
        switch key {
        case .character(let scalar): review.type(String(scalar))
        case .backspace: review.erase()
        case .control("u"): while !review.typed.isEmpty { review.erase() }
        case .enter:
            if let obstacle = review.obstacle { return [.refuse(obstacle)] }
            guard let confirmed = review.confirm() else {
                return [.refuse("type \(review.phrase), exactly, then Enter; Esc leaves")]
            }
            let effect = Effect.carryOut(confirmed, note: note.isEmpty ? nil : note)
            // A plan goes on while the operator looks elsewhere.
            if type(of: confirmed.change).kind == ChangeRequest.ofPlans {
                return [.go(MovesScreen()), .effect(effect)]
            }
            stage = .running(done: 0, of: 0, isStopping: false)
            return [.effect(effect)]
        case .tab where review.obstacle == nil: noteBefore = note
        // Pasted text confirms nothing.
        default: break
        }
        return []
    }

    private mutating func takeNote(_ key: Key) -> [Request] {
        switch key {
        case .character(let scalar): note.unicodeScalars.append(scalar)
        case .paste(let text): note += text.replacing("\n", with: " ")
        case .backspace: _ = note.unicodeScalars.popLast()
        case .control("u"): note = ""
        case .enter, .tab: noteBefore = nil
        default: break
        }
        note = String(note.prefix(Limits.noteCharacters))
        return []
    }

    /// Takes in what became of the change.
    mutating func take(_ event: OperationEvent) {
        switch (event, stage) {
        case (.progress(let done, let count), .running(_, _, let isStopping)):
            stage = .running(done: done, of: count, isStopping: isStopping)
        case (.refused(let why), .running): stage = .refused(why)
        case (.ended(let outcomes, let reason), .running):
            stage = .ended(outcomes: outcomes, reason: reason)
        case (.readAgain(let told), .ended):
            readAgain.append(told)
            return
        default: return
        }
        top = 0
    }

    // MARK: Drawing

    func title(of binding: Binding) -> String? {
        switch (stage, binding.action) {
        case (.asking, .open) where noteBefore != nil: "keep the note"
        case (.asking, .back) where noteBefore != nil: "without it"
        case (.asking, .nextPane): review.obstacle == nil && noteBefore == nil ? "note" : nil
        case (_, .nextPane): nil
        case (.asking, .open): review.obstacle == nil ? "begin" : nil
        case (.running, .open): nil
        case (.refused(.changed), .open): "review as it is now"
        case (_, .open): "go back"
        case (.running(_, _, let isStopping), .back): isStopping ? nil : "stop what is not sent"
        case (.refused, .back), (.ended, .back): "go back"
        default: binding.title
        }
    }

    func render(_ frame: inout Frame, _ scene: Scene) {
        let body = scene.body
        let width = body.width - 2
        let question = questionLines(width)
        let (above, below) = body.split(top: max(0, body.height - question.count))
        let text = lines(width)
        for (line, runs) in text.dropFirst(top).prefix(above.height).enumerated() {
            frame.runs(
                runs, x: above.x + 1, y: above.y + line, width: width, align: .left, within: above)
        }
        var end = below.x
        for (line, runs) in question.enumerated() {
            end = frame.runs(
                fit(runs, to: width), x: below.x + 1, y: below.y + line, within: below)
        }
        guard isAsking, below.height > 0 else { return }
        let cursor = min(below.right - 1, end)
        frame.cursor = (cursor, below.bottom - 1)
        frame[cursor, below.bottom - 1].role = .cursor
    }

    private var isAsking: Bool {
        if case .asking = stage { review.obstacle == nil } else { false }
    }

    /// The last lines: what is asked for and what was typed, or how far it has come.
    private func questionLines(_ width: Int) -> [[Run]] {
        switch stage {
        case .asking:
            if let obstacle = review.obstacle {
                return wrapped(
                    [Run("Cannot be made: \(obstacle). ", .warning), Run("Esc leaves.", .dim)],
                    to: width)
            }
            if noteBefore != nil { return Self.input([Run("Note for the journal: ")], note, width) }
            let ask = [
                Run("Type "), Run(review.phrase, .key), Run(" and press Enter to begin: "),
            ]
            let kept = note.isEmpty ? [] : wrapped([Run("Note: ", .dim), Run(note)], to: width)
            return kept + Self.input(ask, review.typed, width)
        case .running(let done, let count, let isStopping):
            let progress = count == 0 ? "reading the facts again" : "\(done) of \(count) requests"
            return [
                [
                    Run(isStopping ? "Stopping: " : "Under way: ", .accent), Run(progress),
                    Run(isStopping ? "" : "   Esc stops further requests", .dim),
                ]
            ]
        case .refused(.changed):
            return [[Run("Nothing was sent. ", .warning), Run("Enter reviews it as it is now.")]]
        case .refused: return [[Run("Nothing was sent. ", .warning), Run("Enter goes back.")]]
        case .ended: return [[Run("Over. ", .accent), Run("Enter goes back.")]]
        }
    }

    /// A question and what was typed, which is always in sight, its end above all.
    private static func input(_ ask: [Run], _ text: String, _ width: Int) -> [[Run]] {
        let typed = Run(String(text.suffix(max(1, width - 1))), .input)
        return ask.width + displayWidth(of: typed.text) < width
            ? [ask + [typed]] : wrapped(ask, to: width) + [[typed]]
    }

    private func lines(_ width: Int) -> [[Run]] {
        let proposal = review.proposal
        var lines: [[Run]] = [[Run(capitalised(proposal.change.summary), .title)]]
        switch stage {
        case .refused(let why): lines += refusalLines(why)
        case .ended(let outcomes, let reason): lines += outcomeLines(outcomes, reason)
        case .asking, .running: break
        }
        // What is changed stands first, unless it is so long that nobody would see the rest.
        let isShort = differences.count <= Limits.shortReview
        if isShort { lines += changeLines(width) }
        let counts = proposal.counts.map { Run("\($0.noun) \(NumberFormat.grouped($0.count))   ") }
        if !counts.isEmpty { lines.append(counts) }
        lines += proposal.warnings.map {
            [Run("\(Glyph.warning) ", .warning), Run(capitalised($0) + ".", .warning)]
        }
        lines += proposal.skipped.prefix(Limits.skippedRows).map {
            [Run("  \($0.resource): ", .dim), Run($0.reason, .dim)]
        }
        if proposal.skipped.count > Limits.skippedRows {
            let more = proposal.skipped.count - Limits.skippedRows
            lines.append([Run("  and \(NumberFormat.grouped(more)) more", .dim)])
        }
        lines += proposal.notes.map { [Run(capitalised($0) + ".", .dim)] }
        let undo = proposal.change.undo.map { capitalised($0.summary) + "." }
        lines.append([
            Run("To take it back: ", .header),
            Run(undo ?? "Kafka has no request for that.", undo == nil ? .warning : .text),
        ])
        lines.append([Run("The same by hand:", .header)])
        lines += review.byHand.map { [Run("  " + Self.shortened($0))] }
        if !isShort { lines += [[]] + changeLines(width) }
        return lines.flatMap { wrapped($0, to: width) }
    }

    /// A line by hand of thousands of partitions would take longer to draw than anybody reads.
    private static func shortened(_ line: String) -> String {
        guard line.utf8.count > Limits.byHandCharacters else { return line }
        let start = line.unicodeScalars.prefix(Limits.byHandCharacters)
        let more = line.unicodeScalars.count - start.count
        return String(String.UnicodeScalarView(start))
            + "… \(NumberFormat.grouped(more)) characters more, which the journal keeps"
    }

    private func changeLines(_ width: Int) -> [[Run]] {
        let shown = differences.prefix(Limits.reviewedRows)
        let name = min(
            width / 2,
            shown.reduce(8) { max($0, displayWidth(of: "\($1.resource) \($1.property)")) }
        )
        var lines = shown.map { row in
            let label = truncated("\(row.resource) \(row.property)", to: name)
            let pad = String(repeating: " ", count: name - displayWidth(of: label) + 2)
            return [
                Run(label + pad), Run(row.before ?? "not set", .dim), Run(" \(Glyph.trail) "),
                Run(row.after ?? "not set", .accent),
            ]
        }
        if lines.isEmpty { lines.append([Run("Nothing would change.", .dim)]) }
        if differences.count > shown.count {
            lines.append([Run("and \(plural(differences.count - shown.count, "more value"))", .dim)]
            )
        }
        return lines
    }

    private func refusalLines(_ why: OperationRefusal) -> [[Run]] {
        var lines = [[Run("Nothing was sent: \(why.sentence).", .warning)]]
        if case .changed(let facts) = why {
            lines += facts.prefix(Limits.reviewedRows).map { fact in
                [
                    Run("  \(fact.reviewed.subject) \(fact.reviewed.property): reviewed "),
                    Run(fact.reviewed.value ?? "not set", .dim), Run(", now "),
                    Run(fact.now ?? "not set", .accent),
                ]
            }
        }
        return lines
    }

    private func outcomeLines(_ outcomes: [StepOutcome], _ reason: String?) -> [[Run]] {
        let failed = outcomes.filter { $0.error != nil }
        let done = outcomes.count - failed.count
        var lines: [[Run]] = [
            [
                Run("Done: \(NumberFormat.grouped(done))", done > 0 ? .good : .dim),
                Run("   refused by Kafka: ", .dim),
                Run(NumberFormat.grouped(failed.count), failed.isEmpty ? .dim : .critical),
            ]
        ]
        lines += readAgain.flatMap { readAgainLines($0) }
        if let reason { lines.append([Run("Not all was sent: \(reason)", .warning)]) }
        lines += failed.prefix(Limits.reviewedRows).map { outcome in
            [
                Run("  \(outcome.resource): "), Run(outcome.error ?? "", .critical),
                Run(outcome.message.map { " \($0)" } ?? ""),
            ]
        }
        return lines
    }

    private func readAgainLines(_ told: ReadAgain) -> [[Run]] {
        let isLater = told.afterSeconds >= 1
        let when =
            isLater
            ? "Read once more after \(NumberFormat.duration(told.afterSeconds)): "
            : "Read again: "
        if let failure = told.failure {
            return [[Run(when), Run("not answered: \(failure)", .unknown)]]
        }
        if told.differing.isEmpty {
            return [[Run(when), Run(isLater ? "still so." : "as it was set.", .good)]]
        }
        return told.differing.prefix(Limits.reviewedRows).map { fact in
            let name = "\(fact.reviewed.property) of \(fact.reviewed.subject)"
            let now = fact.now.map { "now \(shownName($0))" } ?? "not set now"
            let what = isLater ? "was set back by something else" : "is not told as it was set yet"
            return [Run(when), Run("\(name) \(what): \(now).", isLater ? .warning : .unknown)]
        }
    }
}
