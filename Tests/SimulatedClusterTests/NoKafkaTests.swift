// A connect string that leads to a path without Kafka: it is said, nothing of it is believed, and
// what the brokers told stays.
import ClusterModel
import Polling
import SimulatedCluster
import Testing
import Transport

@Suite struct NoKafkaTests {
    private func shape() -> Shape {
        var shape = smallShape()
        shape.brokers = 3
        shape.coordination = .zookeeper
        shape.release = .v39
        shape.zooKeeper.chroot = "/kafka"
        return shape
    }

    private func watch(_ chroot: String) -> Cluster {
        Watched.run(
            shape(), seconds: 40,
            ensemble: { network in
                let hosts = network.inspect { $0.zooKeeperConnect }.split(separator: "/")[0]
                return EnsembleConfig(connectString: hosts + chroot)
            }
        ).last
    }

    @Test(arguments: ["", "/nosuch", "/kafka/kafka"])
    func aPathWithoutKafka(_ chroot: String) throws {
        let cluster = watch(chroot)
        let failure = try #require(cluster.failures.first { $0.section == .coordinator })
        #expect(failure.code == "NO_KAFKA" && failure.message.hasPrefix("There is no Kafka under"))
        #expect(cluster.health(.coordinator).state == .failed(failure.message))
        // The brokers know their controller: a node that is not there says nothing against it.
        #expect(cluster.controller?.exists == true)
        #expect(!cluster.findings.contains { $0.rule == "no_controller" })
        #expect(cluster.coordinator.registrations.isEmpty)
        #expect(cluster.coordinator.pending.reassignments == nil)
        #expect(cluster.findings.contains { $0.text.contains("no Kafka under this path") })
    }

    @Test func theRightPath() {
        let cluster = watch("/kafka")
        #expect(cluster.health(.coordinator).state == .fresh && cluster.failures.isEmpty)
        #expect(cluster.coordinator.registrations.count == 3)
        #expect(cluster.coordinator.pending.reassignments == 0)
    }
}
