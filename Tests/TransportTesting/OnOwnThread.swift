// Suites that wait for processes, terminals and real time run on threads of their own.
package import Testing

/// The suite's tests run on a thread of their own: between two steps of a test that hops to another
/// thread stand all the jobs of all the tests, where they share theirs.
package struct OnOwnThread: SuiteTrait, TestScoping {
    package init() {}

    package func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let own = OwnThread()
        defer { own.end() }
        try await withTaskExecutorPreference(own) { try await function() }
    }
}

extension Trait where Self == OnOwnThread {
    /// For suites that wait for processes, terminals and real time, and those of the main actor.
    package static var onOwnThread: Self { OnOwnThread() }
}
