// The last Kafka with ZooKeeper mode: what this version has must be there, what it lacks is left
// out without an error.
import Testing

extension Live {
    @Suite(
        .serialized,
        WithCluster(
            options: .init(
                version: "3.9.2", mode: "zookeeper", zookeepers: 3,
                settings: [
                    "replica.lag.time.max.ms": "4000", "zookeeper.session.timeout.ms": "10000",
                ],
                properties: ["readonlymode.enabled": "true"]),
            prepare: PausedTraffic.prepare))
    struct ZooKeeperMode {
        /// The controller is that of the `/controller` znode; there is no quorum.
        @Test func factsEqualWhatKafkasToolsPrint() throws {
            try PausedTraffic.compare(currentCluster())
        }

        @Test func lagOfAFollowerIsExact() throws {
            try FollowerLag(cluster: currentCluster()).check()
        }
    }
}
