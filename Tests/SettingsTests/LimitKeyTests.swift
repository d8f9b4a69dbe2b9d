// The limits of rules in settings: where they stand, which counts, and what is wrong with them.

import Settings
import Testing

@Suite struct LimitKeyTests {
    private struct Files: ConfigFiles {
        var texts: [String: String]
        func read(_ path: String) -> Result<[UInt8], FileProblem> {
            texts[path].map { .success(Array($0.utf8)) }
                ?? .failure(FileProblem(isMissing: true, description: path))
        }
        func list(_ folder: String) -> [String] { [] }
    }

    private let keys = ["highwater.limit.a", "highwater.limit.b"].map { name in
        LimitKey(name) { Int($0) == nil ? "\($0) is not a number from 1 to 9" : nil }
    }

    private func resolve(_ texts: [String: String]) throws(ConfigurationError) -> Configuration {
        var choices = Choices()
        choices.context = "prod"
        return try resolveConfiguration(
            choices, environment: ["XDG_CONFIG_HOME": "/c"], files: Files(texts: texts),
            limits: keys)
    }

    private let context = "/c/highwater/contexts/prod.properties"
    private let own = "/c/highwater/limits.properties"
    private let site = "/etc/highwater/limits.properties"

    @Test func theNearestCounts() throws {
        let found = try resolve([
            context: "bootstrap.servers=k\nhighwater.limit.a=1\n",
            own: "highwater.limit.a=2\n\nhighwater.limit.b=3\n",
            site: "highwater.limit.b=4\n",
        ])
        #expect(found.limits == ["highwater.limit.a": "1", "highwater.limit.b": "3"])
        #expect(found.origins["highwater.limit.a"] == context + ":2")
        #expect(found.origins["highwater.limit.b"] == own + ":3")
    }

    @Test func everyFaultIsSaidWithItsPlace() {
        let error = #expect(throws: ConfigurationError.self) {
            try resolve([
                context: "bootstrap.servers=k\nhighwater.limit.a=x\n",
                // One that does not count is wrong all the same.
                own: "highwater.limit.a= y\nhighwater.limit.bb=1\nclient.id=z\n",
            ])
        }
        #expect(
            error?.faults.map(\.description) == [
                "\(context):2:1: highwater.limit.a: x is not a number from 1 to 9",
                "\(own):1:1: highwater.limit.a: y is not a number from 1 to 9",
                "\(own):2:1: highwater.limit.bb: is no limit of a rule: did you mean "
                    + "highwater.limit.b?",
                "\(own):3:1: client.id: is no limit of a rule",
            ])
    }
}
