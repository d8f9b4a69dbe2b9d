// Suites that wait for processes, terminals and real time run on threads of their own.
import Testing
import TransportTesting

/// The suite's tests run on a thread of their own.
struct OnOwnThread: SuiteTrait, TestScoping {
    init() {}

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let own = OwnThread()
        defer { own.end() }
        try await withTaskExecutorPreference(own) { try await function() }
    }
}

extension Trait where Self == OnOwnThread {
    /// For suites that wait for processes, terminals and real time.
    static var onOwnThread: Self { OnOwnThread() }
}
