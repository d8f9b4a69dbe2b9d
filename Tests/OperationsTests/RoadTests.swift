// The road of a change from end to end on a simulated cluster: written down before it is sent, sent
// once, refused where facts, policy or journal stand against it.
import ClusterModel
import Foundation
import JSON
import KafkaClient
import Planning
import SimulatedCluster
import Simulation
import Testing
import Transport

@testable import Operations

@Suite struct RoadTests {
    @Test func whatIsConfirmedIsCarriedOut() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let change = try #require(confirmed.change as? PreferredElection)
        #expect(change.items.count >= 5)
        let journal = try Journal(path: bench.folder.file)
        // What the file holds whenever a broker is asked for elections.
        let atRequest = Locked<[String]>([])
        let exchanges = bench.exchanges
        let file = bench.folder.file
        bench.network.listen { line in
            exchanges.withLock { $0.append(line) }
            guard isElection(line) else { return }
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            atRequest.withLock { $0.append(text) }
        }
        let events = bench.run(confirmed, journal)
        let ending = try #require(events.ending)
        #expect(ending.reason == nil)
        #expect(ending.outcomes.map(\.resource) == change.items.map { "\($0.partition)" })
        #expect(ending.outcomes.allSatisfy { $0.error == nil })
        #expect(bench.elections == 1)

        // The intent was on the disk before the request left, the answer was not.
        let text = try #require(atRequest.withLock { $0.first })
        #expect(text.hasSuffix("\n") && text.split(separator: "\n").count == 2)
        let reading = JournalRecord.fold(Array(text.utf8))
        let before = reading.records
        #expect(reading.unreadable == 0 && before.count == 1 && before[0].isUnknown)
        #expect(before[0].steps == [.unknown(resources: ending.outcomes.map(\.resource))])
        #expect(before[0].change as? PreferredElection == change)
        #expect(before[0].byHand == confirmed.byHand)

        let after = try Journal.read(path: file).records
        #expect(after.count == 1 && after[0].isEnded && !after[0].isUnknown)
        #expect(after[0].steps == [.answered(ending.outcomes)])
        #expect(after[0].atMs > 1_700_000_000_000)
    }

    /// Twice the same `Confirmed`: the second time its facts are gone.
    @Test func nothingIsSentWhenFactsHaveChanged() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let journal = try Journal(path: bench.folder.file)
        #expect(bench.run(confirmed, journal).ending?.reason == nil)
        let text = bench.folder.text
        let events = bench.run(confirmed, journal)
        guard case .changed(let changed)? = events.refusal else {
            Issue.record("\(events)")
            return
        }
        let change = try #require(confirmed.change as? PreferredElection)
        #expect(changed.count == change.items.count)
        #expect(changed[0].reviewed.property == "leader")
        #expect(changed[0].now == "\(change.items[0].preferred)")
        #expect(bench.elections == 1)
        #expect(bench.folder.text == text)
    }

    @Test func nothingIsSentToAnotherCluster() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let other = Bench { $0.seed = 12 }
        let journal = try Journal(path: other.folder.file)
        let events = other.run(confirmed, journal)
        guard case .otherCluster(let id)? = events.refusal else {
            Issue.record("\(events)")
            return
        }
        #expect(id != confirmed.clusterID)
        #expect(other.elections == 0)
    }

    @Test func nothingIsSentWhenTheJournalCannotBeWritten() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let events = bench.run(confirmed, try Journal(path: "/dev/full"))
        guard case .journal(let error)? = events.refusal else {
            Issue.record("\(events)")
            return
        }
        #expect(error.hasSuffix("No space left on device"))
        #expect(bench.elections == 0)
    }

    @Test func readOnlyStopsItInTheReviewAndInTheClient() throws {
        let bench = Bench()
        #expect(bench.confirmed(isReadOnly: true) == nil)
        // Confirmed elsewhere: the client of a read-only session still sends nothing.
        let confirmed = try #require(bench.confirmed())
        let journal = try Journal(path: bench.folder.file)
        let events = bench.run(confirmed, journal, bench.session(.readOnly))
        #expect(events.ending?.reason?.contains("the read-only mode does not allow") == true)
        #expect(events.ending?.outcomes == [])
        #expect(bench.elections == 0)
        let record = try #require(try Journal.read(path: bench.folder.file).records.first)
        guard case .failed(_, _, let wasSent)? = record.steps.first else {
            Issue.record("\(record)")
            return
        }
        #expect(!wasSent && !record.isUnknown)
    }

    /// The cluster freezes when the request has come: it may have been carried out, so it is not
    /// asked again, of nobody.
    @Test func whatMayHaveBeenDoneIsNotRepeated() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let journal = try Journal(path: bench.folder.file)
        let exchanges = bench.exchanges
        let network = bench.network
        let system = bench.system
        // The facts are read on the fast connection, and the slow one is negotiated after that.
        let isRead = Locked(false)
        let isFrozen = Locked(false)
        network.listen { line in
            exchanges.withLock { $0.append(line) }
            if line.contains(" Metadata ") { isRead.withLock { $0 = true } }
            guard isRead.withLock({ $0 }), line.contains(" ApiVersions "),
                !isFrozen.withLock({ $0 })
            else { return }
            isFrozen.withLock { $0 = true }
            system.after(1) {
                network.change { machine in
                    for broker in 1...3 { machine.apply(.freeze, to: Int32(broker)) }
                }
            }
        }
        let events = bench.run(confirmed, journal, seconds: 400)
        #expect(isFrozen.withLock { $0 })
        let reason = try #require(events.ending?.reason)
        #expect(reason.hasPrefix("Could not elect leaders through "))
        #expect(bench.elections == 1)
        let record = try #require(try Journal.read(path: bench.folder.file).records.first)
        guard case .failed(_, _, let wasSent)? = record.steps.first else {
            Issue.record("\(record)")
            return
        }
        #expect(wasSent && record.isEnded && record.isUnknown)
    }

    @Test func aChangeThatNobodyCarriesOutIsRefused() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let journal = try Journal(path: bench.folder.file)
        let events = bench.run(confirmed, journal, find: { _ in nil })
        #expect(events.refusal == .unsupported(kind: PreferredElection.kind))
        #expect(bench.folder.text.isEmpty)
    }

    // MARK: Several steps

    @Test func stepsGoOneAfterTheOther() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let journal = try Journal(path: bench.folder.file)
        let sent = Locked(0)
        let events = bench.run(confirmed, journal, find: Counted.find(sent))
        #expect(sent.withLock { $0 } == 3)
        #expect(events.count == 5 && events.ending?.reason == nil)
        #expect(events.ending?.outcomes.map(\.resource) == ["1", "2", "3"])
        let record = try #require(try Journal.read(path: bench.folder.file).records.first)
        #expect(record.stepCount == 3 && record.steps.count == 3 && !record.isUnknown)
    }

    @Test func anOperatorStopsBetweenSteps() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let journal = try Journal(path: bench.folder.file)
        let sent = Locked(0)
        let refusals = Locked(0)
        let events = bench.run(confirmed, journal, find: Counted.find(sent)) { event, maker in
            guard case .progress(let done, _) = event, done == 1 else { return }
            // Nobody else is served meanwhile.
            maker.run(confirmed) { event in
                if case .refused(.busy) = event { refusals.withLock { $0 += 1 } }
            }
            maker.stop()
        }
        #expect(sent.withLock { $0 } == 1 && refusals.withLock { $0 } == 1)
        #expect(events.ending?.reason == "stopped by the operator")
        let record = try #require(try Journal.read(path: bench.folder.file).records.first)
        #expect(record.steps.count == 1 && record.isEnded && !record.isUnknown)
    }

    /// The disk is full after the first step: the second is not sent.
    @Test func aJournalThatFailsMidwayEndsTheChange() throws {
        let bench = Bench()
        let confirmed = try #require(bench.confirmed())
        let journal = try Journal(path: bench.folder.file)
        let sent = Locked(0)
        let find = Counted.find(sent) {
            let full = open("/dev/full", O_WRONLY)
            _ = dup2(full, journal.descriptor)
            _ = close(full)
        }
        let events = bench.run(confirmed, journal, find: find)
        #expect(sent.withLock { $0 } == 1)
        #expect(events.ending?.reason?.contains("No space left on device") == true)
        let record = try #require(try Journal.read(path: bench.folder.file).records.first)
        #expect(record.steps == [.unknown(resources: ["1"])] && record.isUnknown)
    }
}

private typealias Count = Locked<Int>

/// An election in three steps that ask nothing of the cluster; counts those that are sent.
private struct Counted: Wrapped {
    let change: PreferredElection
    private let sent: Count
    private let atFirst: @Sendable () -> Void

    init(
        _ change: PreferredElection, _ sent: Count, _ atFirst: @escaping @Sendable () -> Void
    ) {
        self.change = change
        self.sent = sent
        self.atFirst = atFirst
    }

    init?(_ document: JSONValue) { return nil }

    static let kind = "counted"
    func around(_ change: PreferredElection) -> Counted { Counted(change, sent, atFirst) }

    /// The way to this operation, for an operator.
    static func find(
        _ sent: Count, atFirst: @escaping @Sendable () -> Void = {}
    ) -> @Sendable (any Change) -> (any Operations.Operation)? {
        { change in (change as? PreferredElection).map { Counted($0, sent, atFirst) } }
    }

    var steps: [Step] {
        (1...3).map { number in
            Step(["\(number)"]) { [sent, atFirst] client, completion in
                sent.withLock { $0 += 1 }
                if number == 1 { atFirst() }
                client.loop.after(1_000_000) { completion(.success([StepOutcome("\(number)")])) }
            }
        }
    }
}
