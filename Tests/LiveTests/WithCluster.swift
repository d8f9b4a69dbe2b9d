// A suite's own Kafka cluster, and the second run of a test that failed: on a fresh cluster, with
// what came of both runs printed.
import Foundation
import Synchronization
import Testing
import TransportTesting

/// Gives a suite a cluster of its own, prepared once, shared by its tests. A test that fails is run
/// once more on a cluster made anew, which the tests after it use too.
struct WithCluster: SuiteTrait, TestTrait, TestScoping {
    var options: KafkaCluster.Options
    var prepare: @Sendable (KafkaCluster) throws -> Void

    /// For the suite, and for each case of its tests.
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> WithCluster? {
        test.isSuite || testCase != nil ? self : nil
    }

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        guard test.isSuite else {
            let slot = ClusterSlot.current
            return try await runTwice(
                test, testCase, function, between: { try slot?.makeAnew() })
        }
        let own = OwnThread()
        defer { own.end() }
        try await withTaskExecutorPreference(own) {
            try await perform(function)
        }
    }

    @concurrent private func perform(
        _ function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let slot = try ClusterSlot(self)
        defer { slot.end() }
        try await ClusterSlot.$current.withValue(slot) { try await function() }
    }

    /// A cluster that is prepared. What does not come up is tried once more: a broker that needs
    /// minutes on a busy machine says nothing about the product.
    fileprivate func start() throws -> KafkaCluster {
        do {
            return try startOnce()
        } catch {
            print("live: no cluster of \(options.version): \(error); tried once more")
            return try startOnce()
        }
    }

    private func startOnce() throws -> KafkaCluster {
        let cluster = try KafkaCluster(options)
        do {
            try prepare(cluster)
        } catch {
            cluster.down()
            throw error
        }
        return cluster
    }
}

/// Where the cluster of a suite stands.
final class ClusterSlot: Sendable {
    @TaskLocal static var current: ClusterSlot?

    private let trait: WithCluster
    private let running: Mutex<KafkaCluster>

    fileprivate init(_ trait: WithCluster) throws {
        self.trait = trait
        running = Mutex(try trait.start())
    }

    var cluster: KafkaCluster { running.withLock { $0 } }

    /// Ends the cluster and starts another.
    func makeAnew() throws {
        end()
        let fresh = try trait.start()
        running.withLock { $0 = fresh }
    }

    func end() { cluster.down() }
}

/// The cluster of the suite a test belongs to.
func currentCluster() throws -> KafkaCluster {
    guard let slot = ClusterSlot.current else { throw HarnessError("the suite has no cluster") }
    return slot.cluster
}

/// Runs a test; where it fails, `between` and the test once more, whose outcome counts. Both
/// outcomes are printed: a test that needed its second run is to be mended.
func runTwice(
    _ test: Test, _ testCase: Test.Case?,
    _ function: @Sendable @concurrent () async throws -> Void, between: () throws -> Void
) async throws {
    let first = FirstRun()
    do {
        try await IssueHandlingTrait.compactMapIssues { first.keep($0) }
            .provideScope(for: test, testCase: testCase, performing: function)
    } catch {
        first.add("\(error)")
    }
    guard let faults = first.faults else { return }
    print("live: \(test.name) FAILED in its first run:\n  \(faults.joined(separator: "\n  "))")
    try between()
    let second = FirstRun(isLast: true)
    do {
        try await IssueHandlingTrait.compactMapIssues { second.keep($0) }
            .provideScope(for: test, testCase: testCase, performing: function)
    } catch {
        print("live: \(test.name) FAILED in its second run too: \(error)")
        throw error
    }
    let outcome = second.faults == nil ? "passed in its second run: to be mended" : "FAILED again"
    print("live: \(test.name) \(outcome)")
}

/// The faults of one run.
private final class FirstRun: Sendable {
    private let said = Mutex<[String]>([])
    /// Whether its issues are recorded too.
    private let isLast: Bool

    init(isLast: Bool = false) { self.isLast = isLast }

    func keep(_ issue: Issue) -> Issue? {
        guard issue.isFailure else { return issue }
        add("\(issue)")
        return isLast ? issue : nil
    }

    /// Whole documents are cut: the line says what differed.
    func add(_ fault: String) { said.withLock { $0.append(String(fault.prefix(600))) } }

    var faults: [String]? { said.withLock { $0.isEmpty ? nil : $0 } }
}

/// The second run itself, without Kafka: what fails once passes, and something stands between.
@Suite(.serialized) struct SecondRunTests {
    private static let runs = Mutex(0)
    private static let anews = Mutex(0)

    private struct Twice: TestTrait, TestScoping {
        func provideScope(
            for test: Test, testCase: Test.Case?,
            performing function: @Sendable @concurrent () async throws -> Void
        ) async throws {
            try await runTwice(
                test, testCase, function, between: { SecondRunTests.anews.withLock { $0 += 1 } })
        }
    }

    @Test(Twice()) func whatFailsOnceIsRunOnceMore() {
        let run = Self.runs.withLock {
            $0 += 1
            return $0
        }
        #expect(run == 2, "the first of two runs, which fails to try the second")
        #expect(Self.anews.withLock { $0 } == run - 1)
    }

    @Test(Twice()) func whatIsThrownOnceIsRunOnceMore() throws {
        let anews = Self.anews.withLock { $0 }
        guard anews > 1 else { throw HarnessError("thrown to try the second run") }
        #expect(Self.runs.withLock { $0 } == 2)
    }

    /// What fails twice fails.
    @Test func whatFailsTwiceIsRecorded() async {
        await withKnownIssue {
            let test = try #require(Test.current)
            try await runTwice(
                test, Test.Case.current, { throw HarnessError("always") }, between: {})
        }
        await withKnownIssue {
            let test = try #require(Test.current)
            try await runTwice(
                test, Test.Case.current, { Issue.record("always") }, between: {})
        }
    }
}
