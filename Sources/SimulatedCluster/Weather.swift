// Storms and calm at the word of whoever drives a simulation, and the lines a trace is made of.
import KafkaWire

extension Machine {
    /// From now on nothing goes wrong: broken brokers are repaired at once, stories end, groups go
    /// on. What was broken needs its time to become well.
    package mutating func calm() {
        isCalm = true
        let pending = plan.reversed().map(\.what)
        plan.removeAll { !$0.what.goesOn }
        for what in pending where what.repairs { carryOut(what) }
        for broker in brokers {
            if broker.volumes.contains(where: \.isOffline) { carryOut(.shutDown(broker.id)) }
            carryOut(.thaw(broker.id))
            carryOut(.start(broker.id, release: nil))
        }
        diary?.append("calm")
    }

    /// From now on mishaps happen again, and a story begins.
    package mutating func stir(_ scenario: Scenario, number: Int = 0) {
        isCalm = false
        diary?.append("stir \(scenario.rawValue)")
        tell(scenario, number)
    }
}

extension Machine {
    /// What a person or an accident does to one broker.
    package enum Blow: Sendable {
        /// Its process ends; it is taken off the list when its session is over.
        case kill
        /// Its process stands still, and goes on.
        case freeze, thaw
        case start
    }

    package mutating func deal(_ blow: Blow, to broker: Int32) {
        switch blow {
        case .kill: carryOut(.kill(broker))
        case .freeze: carryOut(.freeze(broker))
        case .thaw: carryOut(.thaw(broker))
        case .start: carryOut(.start(broker, release: nil))
        }
    }
}

extension Happening {
    /// Belongs to no story: the cluster's own housekeeping.
    fileprivate var goesOn: Bool {
        switch self {
        case .sessionOver, .review, .balanceLeaders, .rerate, .zooKeeper: true
        default: false
        }
    }

    fileprivate var repairs: Bool {
        switch self {
        case .start, .thaw, .heal, .release: true
        case .heat(_, let factor): factor < 1
        default: false
        }
    }
}

extension Reaction {
    /// For a trace: what the broker does.
    var outline: String {
        switch self {
        case .answer(let bytes, let delay): "\(bytes.count) bytes after \(delay / 1000) us"
        case .hold: "stands still"
        case .ignore: "never answers"
        case .close: "closes"
        }
    }
}

/// For a trace: which API is asked, in which version, with how many bytes.
func outline(_ frame: [UInt8]) -> String {
    let header = frame.withUnsafeBytes { try? RequestHeader(peeking: $0) }
    guard let header else { return "something unreadable, \(frame.count) bytes" }
    let names: [Int16: String] = [
        2: "ListOffsets", 3: "Metadata", 9: "OffsetFetch", 10: "FindCoordinator",
        15: "DescribeGroups", 16: "ListGroups", 18: "ApiVersions", 32: "DescribeConfigs",
        35: "DescribeLogDirs", 46: "ListPartitionReassignments", 55: "DescribeQuorum",
        60: "DescribeCluster", 69: "ConsumerGroupDescribe",
    ]
    let name = names[header.apiKey] ?? "API \(header.apiKey)"
    return "\(name) v\(header.version), \(frame.count) bytes"
}
