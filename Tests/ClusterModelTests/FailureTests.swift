// Failed requests: one line a cause, however many requests it took.

import ClusterModel
import Testing

@Suite struct FailureTests {
    private func offsets(
        _ failed: Int, _ asked: Int, _ code: String = "NOT_LEADER_OR_FOLLOWER", broker: Int32 = 1
    ) -> ObservationFailure {
        ObservationFailure(
            api: "ListOffsets", broker: BrokerID(broker), code: code,
            share: FailedShare(
                before: "Broker \(broker) gave no offset for ", failed, of: asked, "partition",
                example: "orders-\(failed)", after: ": why."),
            section: .offsets)
    }

    private func plain(_ api: String, _ code: String, _ message: String) -> ObservationFailure {
        ObservationFailure(
            api: api, broker: BrokerID(1), code: code, message: message, section: .offsets)
    }

    @Test func sharesAreSummed() {
        let merged = [
            offsets(2, 60), offsets(3, 60), offsets(1, 40), offsets(5, 60, "KAFKA_STORAGE_ERROR"),
            offsets(7, 60, broker: 2),
        ].oneForEachCause
        #expect(
            merged.map(\.message) == [
                "Broker 1 gave no offset for 6 of 160 partitions (orders-2 is one): why.",
                "Broker 1 gave no offset for 5 of 60 partitions (orders-5 is one): why.",
                "Broker 2 gave no offset for 7 of 60 partitions (orders-7 is one): why.",
            ])
        #expect(
            [offsets(1, 1)].oneForEachCause.map(\.message)
                == ["Broker 1 gave no offset for 1 of 1 partition (orders-1): why."])
    }

    @Test func timeOutsOfOneKindAreOne() {
        let merged = [
            plain("ListOffsets", "TIMED_OUT", "No answer within 4 s (1 of 3 bytes came)."),
            plain("ListOffsets", "TIMED_OUT", "No answer within 4 s (2 of 9 bytes came)."),
            plain("ListOffsets", "SILENT", "Not asked again."),
            // Nothing else of this API was asked: then that is the reason.
            plain("DescribeLogDirs", "SILENT", "Not asked."),
        ].oneForEachCause
        #expect(merged.map(\.code) == ["TIMED_OUT", "SILENT"])
        #expect(merged.map(\.api) == ["ListOffsets", "DescribeLogDirs"])
    }

    /// Each path of the ensemble is a cause of its own.
    @Test func pathsStayApart() {
        let paths = ["/a", "/b"].map { plain("ZooKeeper", "NOAUTH", $0) }
        #expect(paths.oneForEachCause == paths)
    }
}
