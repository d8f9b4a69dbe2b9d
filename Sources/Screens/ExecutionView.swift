// The plan that is carried out from this session, as it was told last: the Moves screen, the strip
// and the question at the end read the same.

internal import ClusterModel
internal import Drawing
internal import Planning

/// One execution, under way or over.
struct ExecutionView: Sendable, Equatable {
    enum Ending: Sendable, Equatable {
        /// Nothing was sent, and why.
        case refused(String)
        /// Over; a reason where not all is as it was to be.
        case over(String?)
    }

    /// "carry out the plan "drain" of 102 partitions".
    var title: String
    /// Its partitions, as the journal names them.
    var resources: Set<String> = []
    /// The journal's.
    var id: String?
    var progress: MovingProgress?
    /// Bytes a second that the operator asked for last; nil: none.
    var throttle: Int64?
    var isHeld = false
    var isStopping = false
    var ending: Ending?

    var isUnderWay: Bool { ending == nil }

    /// Of the bytes that are copied, else of the partitions.
    var share: Double {
        guard let progress else { return 0 }
        if progress.bytesTotal > 0 {
            return Double(progress.bytesDone) / Double(progress.bytesTotal)
        }
        return progress.of > 0 ? Double(progress.done) / Double(progress.of) : 1
    }

    mutating func take(_ event: OperationEvent) {
        switch event {
        case .begun(let id): self.id = id
        case .moving(let progress):
            self.progress = progress
            if throttle == nil { throttle = progress.throttle }
        case .refused(let why): ending = .refused(why.sentence)
        case .ended(_, let reason): ending = .over(reason)
        case .prepared, .progress, .readAgain, .ofPlan: break
        }
    }

    /// What became of it, in a sentence without a full stop.
    var endSentence: String? {
        switch ending {
        case nil: nil
        case .refused(let why): "nothing was sent: \(why)"
        case .over(nil): "\(title): done, as the cluster says"
        case .over(let reason?): "\(title): over, and \(reason)"
        }
    }

    /// "» plan 34 %, 12 m left": in the strip of every screen.
    var stripRuns: [Run] {
        guard isUnderWay else { return [] }
        var runs = [Run("\(Glyph.moving) plan \(NumberFormat.percent(share))", .moving)]
        if isStopping {
            runs.append(Run(" stopping", .warning))
        } else if progress?.paused.isEmpty == false {
            runs.append(Run(" held", .warning))
        } else if let left = progress?.secondsLeft, left.isFinite, left < 1e8 {
            runs.append(Run(" \(NumberFormat.duration(left)) left", .moving))
        }
        return runs
    }

    /// What it has done and what is left, for the head of the Moves screen.
    func lines(_ width: Int) -> [[Run]] {
        var lines: [[Run]] = [
            [Run(capitalised(title), .title), Run(id.map { "   \($0)" } ?? "", .dim)]
        ]
        if let sentence = endSentence {
            let isGood = ending == .over(nil)
            return [[Run(capitalised(sentence) + ".", isGood ? .good : .warning)]]
        }
        guard let progress else {
            return lines + [[Run("Reading where the cluster stands.", .unknown)]]
        }
        let room = max(8, min(40, width / 4))
        let done = bar(share, width: room)
        var first = [
            Run(done, .moving),
            Run(
                String(
                    repeating: String(Glyph.trackEmpty),
                    count: max(0, room - done.unicodeScalars.count)), .dim),
            Run(" \(NumberFormat.percent(share))   ", .accent),
            Run("\(NumberFormat.grouped(progress.done)) of \(NumberFormat.grouped(progress.of))"),
            Run(" partitions, \(NumberFormat.grouped(progress.inFlight)) in flight", .dim),
        ]
        if progress.dropped > 0 {
            first.append(Run("   \(NumberFormat.grouped(progress.dropped)) given up", .warning))
        }
        lines.append(first)
        var second: [Run] = []
        if progress.bytesTotal > 0 {
            second += [
                Run(
                    "\(NumberFormat.bytes(progress.bytesDone)) of "
                        + NumberFormat.bytes(progress.bytesTotal)),
                Run("   \(NumberFormat.bytes(progress.bytesPerSecond))/s"),
            ]
            if let left = progress.secondsLeft, left.isFinite {
                second.append(Run("   \(NumberFormat.duration(left)) left", .accent))
            }
        }
        let rate = progress.throttle.map { PlanWords.text(rate: $0) }
        second.append(
            Run(
                "   " + (rate.map { "throttle \($0) for each broker" } ?? "without a throttle"),
                .dim))
        lines.append(second)
        if isStopping {
            lines.append([
                Run("Stopping: what is in flight is taken back, then its throttles.", .warning)
            ])
        }
        if !progress.paused.isEmpty {
            let why = progress.paused.joined(separator: "; ")
            lines.append([
                Run("Held: nothing new begins. ", .warning), Run(capitalised(why) + "."),
            ])
        }
        if let why = progress.droppedBecause {
            lines.append([Run("Given up: ", .warning), Run(why + ".")])
        }
        for why in progress.waits { lines.append([Run(capitalised(why) + ".", .warning)]) }
        if let trouble = progress.trouble {
            lines.append([Run("Just now: \(trouble).", .warning)])
        }
        return lines
    }
}

extension ScreenState {
    /// What became of the plan that is carried out.
    mutating func takeOfPlan(_ event: OperationEvent) {
        guard var now = execution else { return }
        now.take(event)
        execution = now
        if let sentence = now.endSentence {
            say(sentence, isWarning: now.ending != .over(nil))
            observe(isIdle: true)
        }
    }
}
