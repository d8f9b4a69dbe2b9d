// How a group stands: how far behind in time, where that goes, and the verdict over minutes. Health
// works it out once a read of the group's offsets; screens, findings and documents read it.

/// What is to be said of a group. After Burrow's rules (caching.go of its evaluator): they judge
/// what a group did over a window, and no number of records is a fault by itself.
package enum GroupVerdict: UInt8, Sendable, CaseIterable {
    /// It reads all there is, or keeps its distance.
    case ok
    /// It is far behind and comes nearer.
    case catchingUp
    /// It commits, and falls further behind in time.
    case fallingBehind
    /// Some partitions stand still while others move.
    case stalled
    /// Nothing is committed though records wait and it has members.
    case stopped
    /// The same without a member. Commits that move without members are no fault.
    case noMembers
    /// A commit went back, and has not come to where it was.
    case rewound
    /// It has been rebalancing for too long.
    case rebalancing
    /// One of several members is assigned all partitions.
    case loneMember
    /// Nothing is committed for partitions that it is assigned and that are written.
    case uncommitted
    /// Retention has deleted what it had not read, or is about to.
    case losingData

    /// As documents name it.
    package var name: String {
        switch self {
        case .ok: "ok"
        case .catchingUp: "catching_up"
        case .fallingBehind: "falling_behind"
        case .stalled: "stalled"
        case .stopped: "stopped"
        case .noMembers: "no_members"
        case .rewound: "rewound"
        case .rebalancing: "rebalancing"
        case .loneMember: "lone_member"
        case .uncommitted: "uncommitted"
        case .losingData: "losing_data"
        }
    }

    /// As tables show it.
    package var label: String {
        switch self {
        case .ok: "ok"
        case .catchingUp: "catching up"
        case .fallingBehind: "falling behind"
        case .stalled: "stalled"
        case .stopped: "stopped"
        case .noMembers: "no members"
        case .rewound: "rewound"
        case .rebalancing: "rebalancing"
        case .loneMember: "one has all"
        case .uncommitted: "no commit"
        case .losingData: "losing data"
        }
    }

    /// nil: it is no fault.
    package var severity: Finding.Severity? {
        switch self {
        case .ok, .catchingUp: nil
        case .rewound, .loneMember, .uncommitted: .notice
        case .fallingBehind, .stalled, .stopped, .noMembers, .rebalancing: .warning
        case .losingData: .critical
        }
    }

    /// Records wait and nobody takes them.
    package var standsStill: Bool {
        switch self {
        case .stalled, .stopped, .noMembers: true
        default: false
        }
    }

    /// The greater, the worse: what tables sort by.
    package var rank: Int {
        switch self {
        case .ok: 0
        case .catchingUp: 1
        case .uncommitted: 2
        case .loneMember: 3
        case .rewound: 4
        case .rebalancing: 5
        case .fallingBehind: 6
        case .stalled: 7
        case .noMembers: 8
        case .stopped: 9
        case .losingData: 10
        }
    }
}

/// How one group stands. Plain numbers: ten thousand of them are copied with every cluster.
package struct GroupStanding: Sendable, Equatable {
    /// nil while it was not watched for long enough.
    package var verdict: GroupVerdict?
    /// When what the verdict says was seen first.
    package var since = Instant.never
    /// It was so when it was seen first: `since` is not its beginning.
    package var isSinceStart = false
    /// One look is all there is: what takes several is not known.
    package var isFromOneLook = false
    /// How long ago the oldest record that it has not read was written, in seconds, when its
    /// offsets were read; NaN unknown.
    package var secondsBehind = Float.nan
    /// That lies before our own samples of the log's end, and was reckoned by how fast it grows.
    package var isEstimated = false
    /// How many seconds later it is with each minute, over the last minutes; negative: it comes
    /// nearer. NaN unknown.
    package var secondsLostPerMinute = Float.nan
    /// Records a second by which the lag grows, over the last minutes; NaN unknown.
    package var lagPerSecond = Float.nan
    /// Seconds until it has caught up, where it is catching up; else NaN.
    package var secondsToCatchUp = Float.nan
    /// Seconds until retention deletes what it has not read, at the present pace; NaN: not soon.
    package var secondsUntilLoss = Float.nan
    /// Records deleted before it had read them.
    package var lostRecords: Int64 = 0
    /// Partitions that the verdict speaks of: those that stand still, that lose records, that were
    /// rewound or have no commit.
    package var partitionCount: Int32 = 0

    package init() {}

    /// What is unknown in both is the same in both.
    package static func == (a: GroupStanding, b: GroupStanding) -> Bool {
        func same(_ a: Float, _ b: Float) -> Bool { a == b || a.isNaN && b.isNaN }
        return a.verdict == b.verdict && a.since == b.since && a.isSinceStart == b.isSinceStart
            && same(a.secondsBehind, b.secondsBehind) && a.isEstimated == b.isEstimated
            && same(a.secondsLostPerMinute, b.secondsLostPerMinute)
            && same(a.lagPerSecond, b.lagPerSecond)
            && same(a.secondsToCatchUp, b.secondsToCatchUp)
            && same(a.secondsUntilLoss, b.secondsUntilLoss) && a.lostRecords == b.lostRecords
            && a.partitionCount == b.partitionCount && a.isFromOneLook == b.isFromOneLook
    }

    /// A fault of some weight, for "faults only".
    package var isFault: Bool { (verdict?.severity ?? .notice) > .notice }
}

extension ConsumerGroup {
    /// Nobody asks how such a group stands: it has committed nothing that could be judged, or it is
    /// of a kind whose members or offsets are not read.
    package var isNotJudged: Bool {
        if !commits || type == "streams" || errorCode != 0 { return true }
        return offsets != nil && lag == nil && unknownLagCount == 0
    }

    /// How it stands, in words for a line of its own: "stopped for 3 m, 48 s behind".
    package func standingSentence(at now: Instant) -> String {
        let standing = standing
        guard let verdict = standing.verdict else {
            return standing.isFromOneLook
                ? "has \(recordsToRead): one look cannot tell where that goes"
                : "is being watched until its verdict can be told"
        }
        var parts = [predicate(verdict, for: now.seconds(since: standing.since))]
        let isUnknown = standing.secondsBehind.isNaN
        if isUnknown ? !standing.isFromOneLook : verdict != .ok || standing.secondsBehind > 0 {
            parts.append(standing.behindWords)
        }
        return parts.joined(separator: ", ")
    }

    private var recordsToRead: String {
        "\(NumberFormat.count(lag)) record\(lag == 1 ? "" : "s") to read"
    }

    private func predicate(_ verdict: GroupVerdict, for seconds: Double) -> String {
        let age = NumberFormat.duration(max(0, seconds).wholeBelow)
        let count = plural(Int(standing.partitionCount), "partition")
        return switch verdict {
        case .ok: "keeps up"
        case .catchingUp:
            "catches up in " + NumberFormat.roundedWait(Double(standing.secondsToCatchUp))
        case .fallingBehind: "falls behind, \(standing.lossWords)"
        case .stalled: "stands still in \(count) for \(age)"
        case .stopped: "commits nothing for \(age)"
        case .noMembers where standing.isFromOneLook:
            "has no members and \(recordsToRead); one look cannot tell whether anything commits"
        case .noMembers: "has no members, nothing committed for \(age)"
        case .rewound: "was set back in \(count)"
        case .rebalancing: "has been rebalancing for \(age)"
        case .loneMember: "leaves all partitions to one member"
        case .uncommitted: "has committed nothing for \(count)"
        case .losingData: standing.lossSentence
        }
    }
}

extension GroupStanding {
    /// "61 s behind", "~61 s behind", "nobody knows how long behind".
    package var behindWords: String {
        if secondsBehind.isNaN { return "how long behind is not known yet" }
        let mark = isEstimated ? "about " : ""
        return "\(mark)\(NumberFormat.duration(Double(secondsBehind))) behind"
    }

    /// "losing 23 s a minute, +18K/s".
    package var lossWords: String {
        var words = "losing \(NumberFormat.duration(Double(secondsLostPerMinute))) a minute"
        if lagPerSecond > 0 { words += ", \(NumberFormat.signedRate(Double(lagPerSecond)))/s" }
        return words
    }

    /// What retention takes or has taken.
    package var lossSentence: String {
        if lostRecords > 0 {
            return "loses data: \(NumberFormat.count(lostRecords)) records were deleted unread in "
                + plural(Int(partitionCount), "partition")
        }
        return "will lose data in \(NumberFormat.duration(Double(secondsUntilLoss))): retention "
            + "comes to what it has not read"
    }
}

extension NumberFormat {
    private static let steps: [Double] = [
        30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400,
    ]

    /// A wait that is not known to the second: up to the next of 30 s, 1, 2, 5, 10, 15, 30 m, 1, 2,
    /// 4, 8, 12 h and whole days, so that it does not change with each look.
    package static func roundedSeconds(_ seconds: Double) -> Double {
        guard seconds.isFinite else { return seconds }
        return steps.first { seconds <= $0 } ?? (seconds / 86_400).wholeAbove * 86_400
    }

    /// The same in words.
    package static func roundedWait(_ seconds: Double) -> String {
        duration(roundedSeconds(seconds))
    }
}
