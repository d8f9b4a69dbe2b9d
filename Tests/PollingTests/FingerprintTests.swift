// What lists of APIs tell of a cluster, also of one between two coordinators.
import ClusterModel
import Polling
import Testing

@Suite struct FingerprintTests {
    private let onZooKeeper: [Int16: ClosedRange<Int16>] = [3: 0...12, 4: 0...7, 18: 0...4]
    private let onKRaft: [Int16: ClosedRange<Int16>] = [3: 0...12, 18: 0...4, 55: 0...2]

    @Test func aClusterThatMigratesIsOnZooKeeperUntilNoBrokerIs() {
        #expect(Fingerprint.kind(ofAll: []) == nil)
        #expect(Fingerprint.kind(ofAll: [onKRaft]) == .kraft)
        #expect(Fingerprint.kind(ofAll: [onKRaft, onZooKeeper]) == .zookeeper)
        #expect(Fingerprint.kind(ofAll: [onZooKeeper, onKRaft]) == .zookeeper)
        #expect(Fingerprint.kind(ofAll: [onKRaft, onKRaft, [:]]) == .kraft)
    }
}
