// What the client takes from a server.
import Testing

@testable import ZooKeeperClient

@Suite struct LimitsTests {
    @Test func namesOfTwoHundredThousandTopicsFit() {
        #expect(Limits.answerBytes >= 200_000 * (4 + 249))
    }
}
