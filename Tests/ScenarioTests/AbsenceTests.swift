// From the first frame on no screen says that there is none of something, or that all is well, and
// takes it back when the answers come: what each frame says is held against what the simulated
// cluster is.
import ClusterModel
import Drawing
import Glibc
import Screens
import Session
import SimulatedCluster
import Testing

/// What is wrong in a simulated cluster, by the count of the strip that would tell it.
private struct Wrongs: Equatable {
    var counts: [String: Int] = [:]
    /// Who answers, leads and is in sync: while that stays, nothing happens.
    var state: [[Int32]] = []

    init(_ machine: Machine) {
        counts["ill"] = machine.brokerTruths.count { !$0.isRunning || !$0.isRegistered }
        counts["stuck"] = machine.stuckGroupIDs.count
        state.append(
            machine.brokerTruths.map { ($0.isRunning ? 2 : 0) + ($0.isRegistered ? 1 : 0) })
        state.append(machine.ensembleConditions)
        for topic in machine.topicTruths {
            for number in 0..<Int32(topic.partitions) {
                guard let truth = machine.truth(topic.name, number) else { continue }
                let isBehind = truth.inSync.count < truth.replicas.count && !truth.isMoving
                if truth.leader < 0 { counts["off", default: 0] += 1 }
                if truth.isMoving { counts["mov", default: 0] += 1 }
                if isBehind { counts["URP", default: 0] += 1 }
                if truth.leader >= 0, truth.leader != truth.replicas.first, !truth.isMoving {
                    counts["wrong", default: 0] += 1
                }
                state.append([truth.leader, truth.isMoving ? 1 : 0] + truth.inSync.sorted())
            }
        }
    }

    var isWell: Bool { counts.values.allSatisfy { $0 == 0 } }
}

/// One look at one screen.
private struct Look {
    var seconds: Double
    var claims: Set<String>
}

@Suite struct AbsenceTests {
    private static let seeds = 20
    /// How long after something has happened it may still not be seen, in seconds.
    private static let noticeSeconds = 4.0
    /// A statement stands for so long, in seconds.
    private static let standsSeconds = 2.0
    /// When the screens are looked at, in seconds after the observation began; each again two
    /// seconds later.
    private static let moments = [0.001, 0.05, 0.6, 1.9]
    /// Of so many seeds each looks at a screen at a moment in turn.
    private static let turns = 8
    /// Every screen that a name alone leads to, and two about one thing.
    private static let places =
        screenEntries.map(\.name).filter { !["partition", "group"].contains($0) }
        + ["partition orders.created-0", "group", "offline"]

    /// Words of absence and of well-being, by what the simulation says of them.
    private static let absences = [
        "No topics here", "No partitions here", "No followers here", "No groups here",
        "No log directories here", "No brokers here", "No members of the coordinator here",
        "No replicas here", "no topics", "no group has a lag to tell",
        "not in the list of groups any more", "not in the cluster any more", "No partitions:",
        "is known", "nothing assigned",
    ]
    private static let comforts = [
        "very question was answered", "No faults: ", "Every leader is the preferred one",
        "all eight counts are 0", "outlives the loss", "in step", "no group with offsets here",
    ]
    private static let strip = ["off", "minISR", "ill", "URP", "wrong", "mov", "stuck", "full"]

    private static func claims(_ text: String) -> Set<String> {
        text.withCString { text in
            var found = Set((absences + comforts).filter { strstr(text, $0) != nil })
            for name in strip where strstr(text, " \(name) 0 ") != nil {
                found.insert("\(name) 0")
            }
            return found
        }
    }

    private func shape(_ scenario: Scenario, _ seed: Int) -> (Shape, begin: Double) {
        var shape = smallShape(scenario, seed: UInt64(seed * 7 + 1))
        shape.brokers = 3
        shape.partitions = 10
        shape.offsetsPartitions = 3
        shape.groups = 3
        shape.storyAtSeconds = 1
        if seed % 3 == 0 { shape.coordination = .zookeeper }
        if shape.coordination == .zookeeper { shape.release = .v39 }
        // Before, in and after the time in which the coordinator notices.
        return (shape, begin: 1 + [5.0, 8, 14, 31][seed % 4])
    }

    /// What a claim says against the truth, where that has been so for long enough.
    private func lie(_ claim: String, _ wrongs: Wrongs, _ place: String) -> Bool {
        if Self.absences.contains(claim) {
            // Rows of one rule there may be none of.
            if place == "offline", claim == "No partitions here" {
                return wrongs.counts["off"] ?? 0 > 0
            }
            return true
        }
        if claim.hasSuffix(" 0") {
            return wrongs.counts[String(claim.dropLast(2))] ?? 0 > 0
        }
        if claim == "very question was answered" || claim == "all eight counts are 0" {
            return !wrongs.isWell
        }
        if claim == "Every leader is the preferred one" {
            return wrongs.counts["wrong"] ?? 0 > 0
        }
        return false
    }

    private func check(_ scenario: Scenario, _ seed: Int) -> [String] {
        let (shape, begin) = shape(scenario, seed)
        var options = SessionOptions()
        options.beginsAtSeconds = begin
        options.height = 22
        options.width = 110
        let session = DrivenSession(shape, options)
        defer { session.end() }
        session.run(until: begin - Self.noticeSeconds - 1)
        var faults: [String] = []
        var truth = Wrongs(session.network.inspect { $0 })
        var changedAt = session.seconds - 100
        var looks: [String: [Look]] = [:]
        var standing: String?
        let times = (Self.moments + Self.moments.map { $0 + Self.standsSeconds }).sorted()
        var groups: [String] = session.network.inspect(\.groupIDs)
        groups = groups.isEmpty ? ["none"] : groups
        for time in times {
            while session.seconds < begin + time - 1e-6 {
                session.run(until: min(begin + time, session.seconds + 0.5))
                let now = Wrongs(session.network.inspect { $0 })
                if now != truth { (truth, changedAt) = (now, session.seconds) }
            }
            let number =
                Self.moments.firstIndex { abs($0 - time) < 0.0005 }
                ?? Self.moments.firstIndex { abs($0 + Self.standsSeconds - time) < 0.0005 } ?? 0
            let isSettled = session.seconds - changedAt > Self.noticeSeconds
            func hold(_ claims: Set<String>, _ place: String) {
                for claim in claims where isSettled && lie(claim, truth, place) {
                    faults.append(
                        "\(scenario) \(seed) \(time) s, \(place): \"\(claim)\"\n\(session.text)")
                }
            }
            // First what stands there since the look before: answers came and no key was pressed.
            if let standing { hold(Self.claims(session.text), standing) }
            for (index, place) in Self.places.enumerated()
            where (index + number + seed) % Self.turns == 0 {
                // A command that was refused stands in the footer until it is taken away.
                session.press(.escape)
                session.go(place == "group" ? "group \(groups[seed % groups.count])" : place)
                let claims = Self.claims(session.text)
                standing = place
                hold(claims, place)
                for before in looks[place] ?? []
                where session.seconds - before.seconds <= Self.standsSeconds + 0.01
                    && before.seconds - changedAt > Self.noticeSeconds
                {
                    for claim in before.claims.subtracting(claims) {
                        faults.append(
                            "\(scenario) \(seed), \(place): \"\(claim)\" of "
                                + "\(before.seconds - begin) s is taken back at \(time) s\n"
                                + session.text)
                    }
                }
                looks[place, default: []].append(Look(seconds: session.seconds, claims: claims))
            }
        }
        return faults
    }

    @Test(arguments: Scenario.allCases)
    func noStatementIsTakenBack(_ scenario: Scenario) {
        for seed in 1...Self.seeds {
            let faults = check(scenario, seed)
            #expect(faults.isEmpty)
            for fault in faults.prefix(2) { Issue.record(Comment(rawValue: fault)) }
        }
    }
}
