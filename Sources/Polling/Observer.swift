// Keeps a picture of one cluster: asks what is due, folds what comes, publishes pictures. Lives on
// the loop's thread; `Observation` is the handle other threads hold.
import ClusterModel
import KafkaClient
import KafkaWire
import Transport

/// The working observer of one cluster. Everything runs on the loop's thread.
final class Observer {
    let loop: Loop
    let client: KafkaClient
    var draft = Draft()
    var interest = Interest()
    var refreshNs: UInt64
    /// What this observer looks at: everything in the console, chosen sections in a snapshot.
    let sections: Set<Section>
    /// One pass over everything instead of rounds for ever.
    let isOnce: Bool
    private let publish: (Cluster) -> Void
    private let finished: () -> Void

    // What is under way.
    var outstanding = 0
    private var isDirty = false
    private var publishTimer: TimerID?
    private var roundTimer: TimerID?
    private var isStopped = false
    private var isFinished = false
    /// True from the first Metadata answer on.
    var knowsBrokers = false

    // When what was asked last; 0 never.
    var wholeMetadataAt: UInt64 = 0
    var wantsWholeMetadata = true
    var metadataUnderWay = false
    var groupListAt: UInt64 = 0
    var logDirsAt: UInt64 = 0
    var logStartsAt: UInt64 = 0
    var reassignmentsAt: UInt64 = 0
    var configsAt: UInt64 = 0
    var fencedAt: UInt64 = 0
    var historyAt: UInt64 = 0
    var trafficBefore = (
        at: UInt64(0), requests: UInt64(0), bytesIn: UInt64(0), bytesOut: UInt64(0)
    )

    // Where each sweep stands.
    var offsetCursor: [BrokerID: Int] = [:]
    var groupCursor = 0
    var groupsBusy: Set<String> = []
    var retriedOffsets = false

    init(
        loop: Loop, client: KafkaClient, sections: Set<Section>, isOnce: Bool, refreshNs: UInt64,
        publish: @escaping (Cluster) -> Void, finished: @escaping () -> Void
    ) {
        self.loop = loop
        self.client = client
        self.sections = sections
        self.isOnce = isOnce
        self.refreshNs = refreshNs
        self.publish = publish
        self.finished = finished
        trafficBefore.at = loop.now
    }

    func start() { round() }

    func stop() {
        isStopped = true
        if let roundTimer { loop.cancel(roundTimer) }
        if let publishTimer { loop.cancel(publishTimer) }
        roundTimer = nil
        publishTimer = nil
    }

    func setRefresh(_ ns: UInt64) {
        refreshNs = max(ns, Limits.leastRefresh)
        pollNow()
    }

    func setInterest(_ next: Interest) {
        guard next != interest else { return }
        interest = next
        askOfInterest()
    }

    /// A round out of turn: the operator asked.
    func pollNow() {
        if let roundTimer { loop.cancel(roundTimer) }
        round()
    }

    // MARK: Rounds

    private func round() {
        guard !isStopped else { return }
        askMetadata()
        if knowsBrokers { askBody() }
        if !isOnce { roundTimer = loop.after(refreshNs) { [weak self] in self?.round() } }
        publishSoon()
    }

    /// Everything of a round but Metadata: the first time right after the first Metadata answer.
    func askBody() {
        askOffsets()
        askGroups()
        askQuorum()
        askReassignments()
        askConfigs()
        askLogDirs()
        askFenced()
    }

    /// Asks one question and keeps account: failures are noted and, once answered, forgotten.
    func ask<R: KafkaRequest>(
        _ section: Section, to target: Target, lane: Lane = .fast,
        timeoutNs: UInt64 = Limits.fastTimeout, greatestVersion: Int16? = nil, tries: Int = 1,
        subject: String = "", _ build: @escaping (Int16) -> R,
        failed: @escaping () -> Void = {},
        then fold: @escaping (Answer<R.Response>) -> Void
    ) {
        outstanding += 1
        client.send(
            to: target, lane: lane, timeoutNs: timeoutNs, greatestVersion: greatestVersion,
            building: build
        ) { [weak self] (result: Result<Answer<R.Response>, ClientError>) in
            guard let self, !isStopped else { return }
            outstanding -= 1
            isDirty = true
            switch result {
            case .success(let answer):
                let id = target.brokerID
                draft.settle(R.name, broker: id, subject: subject)
                if id != nil { draft.settle(R.name, broker: nil, subject: subject) }
                fold(answer)
            case .failure(let error):
                if tries > 1, case .any = target, !error.isUnsupported {
                    ask(
                        section, to: target, lane: lane, timeoutNs: timeoutNs,
                        greatestVersion: greatestVersion, tries: tries - 1, subject: subject,
                        build, failed: failed, then: fold)
                } else {
                    note(error, api: R.name, target: target, section: section, subject: subject)
                    failed()
                }
            }
            settled()
        }
    }

    /// What a version lacks is left out and said, never an error; everything else is a failure.
    private func note(
        _ error: ClientError, api: String, target: Target, section: Section, subject: String
    ) {
        if error.isUnsupported {
            draft.cluster.sections[section] = SectionHealth(state: .unsupported(error.sentence))
            return
        }
        draft.note(
            ObservationFailure(
                api: api, broker: target.brokerID, code: error.code.rawValue,
                message: error.sentence,
                section: section),
            subject: subject)
    }

    /// Notes an error code inside an answer.
    func note(
        _ error: KafkaError, api: String, broker: BrokerID?, section: Section, message: String,
        subject: String = ""
    ) {
        draft.note(
            ObservationFailure(
                api: api, broker: broker, code: error.description, message: message,
                section: section),
            subject: subject)
    }

    // MARK: Publication

    private func settled() {
        guard outstanding == 0 else {
            if publishTimer == nil { publishSoon() }
            return
        }
        if isOnce {
            finishOnce()
        } else if isDirty {
            publishNow()
        }
    }

    private func finishOnce() {
        guard !isFinished, !isStopped else { return }
        if knowsBrokers && retryStaleLeaders() { return }
        isFinished = true
        publishNow()
        finished()
    }

    /// A picture at the latest some moments after the first answer of a round: one slow broker must
    /// not hold the others' news back.
    private func publishSoon() {
        guard publishTimer == nil, !isOnce else { return }
        let delay = draft.cluster.layout == 0 ? Limits.firstPublishDelay : Limits.publishDelay
        publishTimer = loop.after(delay) { [weak self] in
            guard let self else { return }
            publishTimer = nil
            publishNow()
        }
    }

    func publishNow() {
        if let publishTimer { loop.cancel(publishTimer) }
        publishTimer = nil
        isDirty = false
        let now = loop.now
        refreshFacts(now)
        publish(draft.cluster)
    }
}
