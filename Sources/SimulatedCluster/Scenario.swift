// The scenarios of a demo: what happens to a cluster after it has been healthy for a while.
import Simulation

/// A course of events that operators know.
package enum Scenario: String, CaseIterable, Sendable {
    case quietDay = "quiet-day"
    case brokerLost = "broker-lost"
    case azLost = "az-lost"
    case slowDisk = "slow-disk"
    case stuckConsumer = "stuck-consumer"
    case hotPartition = "hot-partition"
    case reassignmentUnderLoad = "reassignment-under-load"
    case rollingUpgrade = "rolling-upgrade"
    case zooKeeperLeaderLost = "zookeeper-leader-lost"
    /// Broker faults at random moments, another story for each seed. For tests.
    case chaos

    /// One line for help.
    package var summary: String {
        switch self {
        case .quietDay: "nothing but the usual"
        case .brokerLost: "a broker dies, comes back and catches up"
        case .azLost: "every broker of one rack is gone for some minutes"
        case .slowDisk: "one broker copies too slowly and answers late"
        case .stuckConsumer: "a group keeps its members and consumes nothing"
        case .hotPartition: "one key gets the traffic of a hundred"
        case .reassignmentUnderLoad: "partitions move while traffic goes on"
        case .rollingUpgrade: "brokers restart one by one with the next release"
        case .zooKeeperLeaderLost: "ZooKeeper elects a new leader, then Kafka a controller"
        case .chaos: "brokers fail at random"
        }
    }

    /// Seconds from one run to the next.
    var lengthSeconds: Double {
        switch self {
        case .quietDay: 3_600
        case .rollingUpgrade: 2_400
        case .chaos: 120
        default: 1_200
        }
    }
}

extension Machine {
    mutating func planStory() {
        schedule(at: Limits.leaderBalanceSeconds, .balanceLeaders)
        schedule(at: shape.storyAtSeconds, .repeat(shape.scenario, number: 0))
    }

    /// Plans one run of a scenario from now on, and the next one.
    mutating func begin(_ scenario: Scenario, _ number: Int) {
        guard !faultsStopped, seconds < shape.faultsEndAtSeconds else { return }
        schedule(in: scenario.lengthSeconds, .repeat(scenario, number: number + 1))
        let victim = Int32(1 + (Int(shape.seed % 97) + 2 + 4 * number) % brokers.count)
        switch scenario {
        case .quietDay: break
        case .brokerLost:
            schedule(in: 0, .kill(victim))
            schedule(in: 330, .start(victim, release: nil))
        case .azLost:
            let rack = brokers[Int(victim) - 1].rack
            for broker in brokers where broker.rack == rack {
                schedule(in: 0.4 * random.unit(), .kill(broker.id))
                schedule(in: 400 + 40 * random.unit(), .start(broker.id, release: nil))
            }
        case .slowDisk:
            schedule(in: 0, .degrade(victim, speed: 0.55, delaySeconds: 1.15))
            schedule(in: 600, .recover(victim))
        case .stuckConsumer: scheduleStuckConsumer(number)
        case .hotPartition: scheduleHotPartition(number)
        case .reassignmentUnderLoad:
            for wave in 0..<4 {
                schedule(
                    in: Double(wave) * 90,
                    .reassign(count: max(3, leader.count / 120), bytesPerSecond: 90e6))
            }
        case .rollingUpgrade: scheduleUpgrade()
        case .zooKeeperLeaderLost:
            plan(in: 0, .killLeader)
            plan(in: 240, .startAll)
            plan(in: 420, .expireController)
        case .chaos: scheduleChaos()
        }
    }

    private mutating func scheduleStuckConsumer(_ number: Int) {
        let candidates = groups.indices.filter {
            groups[$0].pace == nil && groups[$0].memberCount > 0
        }
        let busiest = candidates.sorted { load($0) > load($1) }
        guard !busiest.isEmpty else { return }
        let group = busiest[number % min(3, busiest.count)]
        schedule(in: 0, .stick(group: group))
        schedule(in: 540, .release(group: group, speed: 6))
    }

    private func load(_ group: Int) -> Double {
        groups[group].topics.reduce(0) { $0 + rate(ofTopic: $1) }
    }

    private mutating func scheduleHotPartition(_ number: Int) {
        let wide = topics.indices.filter { !topics[$0].isInternal && rate(ofTopic: $0) > 0 }
            .sorted { rate(ofTopic: $0) > rate(ofTopic: $1) }
        guard !wide.isEmpty else { return }
        let topic = topics[wide[number % min(4, wide.count)]]
        let partition =
            topic.firstPartition + Int(random.next() % UInt64(topic.partitionCount))
        // Everybody's order goes to one customer: half of the topic's traffic again.
        let factor = max(4, Double(topic.partitionCount) / 2)
        schedule(in: 0, .heat(partition: partition, factor: factor))
        schedule(in: 600, .heat(partition: partition, factor: 1 / factor))
        for group in groups.indices.filter({ groups[$0].topics.contains(wide[0]) }).prefix(1)
        where groups[group].pace == nil {
            schedule(in: 1, .fallBehind(group: group, speed: 0.8))
            schedule(in: 610, .release(group: group, speed: 5))
        }
    }

    /// What brokers are upgraded to. They do not change their coordinator by an upgrade.
    var nextRelease: Release {
        Release.allCases.first {
            $0 > shape.release && (shape.coordination == .kraft || $0 <= .v39)
        } ?? shape.release
    }

    private mutating func scheduleUpgrade() {
        let next = nextRelease
        for (number, broker) in brokers.enumerated() {
            let at = 45 * Double(number)
            schedule(in: at, .shutDown(broker.id))
            schedule(in: at + 18, .start(broker.id, release: next))
        }
    }

    private mutating func scheduleChaos() {
        for _ in 0..<2 {
            let broker = Int32(1 + Int(random.next() % UInt64(brokers.count)))
            let at = 40 * random.unit()
            let length = 4 + 26 * random.unit()
            switch random.next() % 7 {
            case 0:
                schedule(in: at, .kill(broker))
                schedule(in: at + length, .start(broker, release: nil))
            case 1:
                schedule(in: at, .freeze(broker))
                schedule(in: at + length, .thaw(broker))
            case 2:
                schedule(in: at, .degrade(broker, speed: 0.2, delaySeconds: 0.9 * random.unit()))
                schedule(in: at + length, .recover(broker))
            case 3:
                schedule(in: at, .shutDown(broker))
                schedule(in: at + length, .start(broker, release: nil))
            case 4:
                let volume = Int(random.next() % UInt64(shape.volumesPerBroker))
                schedule(in: at, .failVolume(broker, volume: volume))
                schedule(in: at + length, .shutDown(broker))
                schedule(in: at + length + 3, .start(broker, release: nil))
            case 5: schedule(in: at, .moveCoordinator(slot: Int(random.next() % 50)))
            default: schedule(in: at, .reassign(count: 2, bytesPerSecond: 200e6))
            }
        }
        if random.unit() < 0.3 { schedule(in: 60 * random.unit(), .failOverController) }
        if isZooKeeper { scheduleEnsembleChaos() }
    }

    private mutating func scheduleEnsembleChaos() {
        let at = 50 * random.unit()
        let server = 1 + Int(random.next() % UInt64(zooKeeper.servers.count))
        switch random.next() % 6 {
        case 0:
            plan(in: at, .killLeader)
            plan(in: at + 8 + 20 * random.unit(), .startAll)
        case 1:
            plan(in: at, .freeze(server: server))
            plan(in: at + 4 + 20 * random.unit(), .thaw(server: server))
        case 2:
            plan(in: at, .isolate(server: server))
            plan(in: at + 20 * random.unit(), .reunite(server: server))
        case 3:
            // The quorum is lost for a while.
            for server in 1...max(1, zooKeeper.servers.count - 1) {
                plan(in: at, .kill(server: server))
            }
            plan(in: at + 3 + 12 * random.unit(), .startAll)
        case 4: plan(in: at, .expireClients)
        default:
            plan(in: at, .expireBroker(Int32(1 + Int(random.next() % UInt64(brokers.count)))))
        }
    }
}
