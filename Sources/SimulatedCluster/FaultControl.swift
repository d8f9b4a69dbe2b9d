// Faults started and stopped by whoever drives a simulation, and the lines a trace is made of.
import KafkaWire

extension Machine {
    /// From now on nothing goes wrong: broken brokers are repaired at once, scenarios end, groups
    /// consume again. Replicas still need their time to catch up.
    package mutating func stopFaults() {
        faultsStopped = true
        let pending = plan.reversed().map(\.what)
        plan.removeAll { !$0.what.goesOn }
        for what in pending where what.repairs { carryOut(what) }
        for broker in brokers {
            if broker.volumes.contains(where: \.isOffline) { carryOut(.shutDown(broker.id)) }
            carryOut(.thaw(broker.id))
            carryOut(.start(broker.id, release: nil))
        }
        log?.append("faults stopped")
    }

    /// From now on exchanges fail again at their rates, and a scenario begins.
    package mutating func startFaults(_ scenario: Scenario, number: Int = 0) {
        faultsStopped = false
        log?.append("faults started: \(scenario.rawValue)")
        begin(scenario, number)
    }
}

extension Machine {
    /// What befalls one broker.
    package enum BrokerFault: Sendable {
        /// Its process ends; it is taken off the list when its session is over.
        case kill
        /// Its process stands still, and goes on.
        case freeze, thaw
        case start
    }

    package mutating func apply(_ fault: BrokerFault, to broker: Int32) {
        switch fault {
        case .kill: carryOut(.kill(broker))
        case .freeze: carryOut(.freeze(broker))
        case .thaw: carryOut(.thaw(broker))
        case .start: carryOut(.start(broker, release: nil))
        }
    }
}

extension Happening {
    /// Belongs to no scenario: the cluster's own housekeeping.
    fileprivate var goesOn: Bool {
        switch self {
        case .sessionOver, .review, .balanceLeaders, .rerate, .zooKeeper: true
        default: false
        }
    }

    fileprivate var repairs: Bool {
        switch self {
        case .start, .thaw, .recover, .release: true
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
    let name = handlers[header.apiKey]?.name ?? "API \(header.apiKey)"
    return "\(name) v\(header.version), \(frame.count) bytes"
}
