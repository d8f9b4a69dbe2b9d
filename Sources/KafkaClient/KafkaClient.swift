// The Kafka client: knows the brokers, chooses whom to ask, negotiates, keeps to time limits.
// Everything happens on the loop's thread; other threads hold it in a LoopBound.
package import KafkaWire
package import Transport

/// A client of one cluster, confined to its loop's thread. Completions run on that thread, never
/// before the call that takes them has returned, and exactly once each.
package final class KafkaClient {
    package let config: ClientConfig
    let context: ClientContext
    private var bootstrap: [BrokerConnections]
    private var brokers: [Int32: BrokerConnections] = [:]
    private var brokerOrder: [BrokerConnections] = []
    private var controller = ControllerRouting.unknown
    /// Who answered the last request that any broker could answer: the next one goes there too,
    /// since two brokers may differ for moments in what they believe.
    private var preferred: BrokerConnections?

    /// - Parameter writes: whether requests that change the cluster may leave.
    package init(loop: Loop, config: ClientConfig, writes: WritePolicy = .readOnly) {
        self.config = config
        let context = ClientContext(loop: loop, config: config, writes: writes)
        self.context = context
        bootstrap = config.bootstrap.map { BrokerConnections(context, id: nil, endpoint: $0) }
    }

    package var loop: Loop { context.loop }

    // MARK: What the caller has learned

    /// The brokers of the newest Metadata or DescribeCluster. Bootstrap connections are let go;
    /// brokers no longer named keep their status and may still be asked.
    package func updateBrokers(_ listed: [BrokerAddress]) {
        guard !listed.isEmpty else { return }
        for broker in brokers.values { broker.isListed = false }
        for address in listed {
            let broker =
                brokers[address.id]
                ?? BrokerConnections(context, id: address.id, endpoint: address.endpoint)
            broker.move(to: address.endpoint)
            broker.rack = address.rack
            broker.isListed = true
            brokers[address.id] = broker
        }
        context.listedCount = listed.count
        noteSharedAddresses(listed)
        brokerOrder = brokers.sorted { $0.key < $1.key }.map(\.value)
        for server in bootstrap { server.retire() }
    }

    /// Two brokers at one address: one of them at least is not there.
    private func noteSharedAddresses(_ listed: [BrokerAddress]) {
        guard context.checksIdentity else { return }
        var first: [Endpoint: Int32] = [:]
        for address in listed {
            let place = config.map(address.endpoint, address.id)
            brokers[address.id]?.sharesAddressWith = first[place]
            if let other = first[place] {
                brokers[other]?.sharesAddressWith = address.id
            } else {
                first[place] = address.id
            }
        }
    }

    /// From now on an answer counts only where it is known to be the broker's and the cluster's
    /// that are meant.
    /// - Parameters:
    ///   - cluster: nil where it has no id.
    ///   - areControllers: the brokers of this client are the controllers of a KRaft quorum.
    package func expect(cluster: String?, areControllers: Bool = false) {
        context.checksIdentity = true
        context.areControllers = areControllers
        context.clusterID = cluster ?? context.clusterID
    }

    /// An answer that had been believed was another cluster's.
    package func meets(cluster id: String, at broker: Int32?, _ endpoint: Endpoint) {
        guard let expected = context.clusterID else { return }
        let met = broker.flatMap { brokers[$0] } ?? bootstrap.first { $0.endpoint == endpoint }
        met?.meets(cluster: id, instead: expected)
    }

    /// Finds out which cluster answers at those addresses of the settings that are not among the
    /// brokers'; `links` and `bootstrapLinks` say it.
    /// - Parameters:
    ///   - known: an address whose answers are known to be this cluster's.
    ///   - limitNs: how long this may take.
    ///   - whenOver: nothing more comes of it.
    package func proveBootstrap(
        except known: Endpoint, within limitNs: UInt64, whenOver: @escaping () -> Void
    ) {
        let known = config.map(known, nil)
        let places = Set(brokerOrder.map { config.map($0.endpoint, $0.id) } + [known])
        let asked = bootstrap.filter { !places.contains(config.map($0.endpoint, nil)) }
        guard !asked.isEmpty, !context.isClosed else { return loop.later(whenOver) }
        var left = asked.count
        func end() {
            left -= 1
            if left == 0 { whenOver() }
        }
        loop.after(limitNs) {
            if left > 0 {
                left = 0
                whenOver()
            }
        }
        for server in asked { server.prove(end) }
    }

    /// Lets everything known go and begins at the beginning with another cluster, which was met at
    /// `endpoint`.
    package func beginAnew(cluster: String, at endpoint: Endpoint?) {
        for broker in brokerOrder + bootstrap { broker.close() }
        brokers = [:]
        brokerOrder = []
        controller = .unknown
        preferred = nil
        let servers = [endpoint].compactMap(\.self) + config.bootstrap.filter { $0 != endpoint }
        bootstrap = servers.map { BrokerConnections(context, id: nil, endpoint: $0) }
        context.checksIdentity = true
        context.clusterID = cluster
        context.provenAtNs = 0
        context.isSuspicious = false
        context.listedCount = 0
    }

    /// Who takes requests for the controller from now on.
    package func updateController(_ routing: ControllerRouting) { controller = routing }

    /// The same from a source that knows less: taken only while nothing better is known.
    func suggestController(_ broker: Int32) {
        if controller == .unknown { controller = .broker(broker) }
    }

    /// The same from an answer that is newer than what is known.
    func followController(_ broker: Int32) {
        if controller != .anyBroker { controller = .broker(broker) }
    }

    // MARK: Requests

    /// Sends one request, built for the version negotiated with whoever is to answer it.
    ///
    /// - Parameters:
    ///   - timeoutNs: how long the answer may be owed, from when the request leaves; nil for the
    ///     lane's default. Answers before it on the same connection, and what the link was measured
    ///     to take, make it longer.
    ///   - longestNs: from leaving to the answer whatever happens.
    ///   - isLeading: it leaves before what waits, since its answer leads to other questions.
    ///   - build: called when the version is known, perhaps more than once.
    package func send<R: ClientRequest>(
        to target: Target, lane: Lane = .fast, timeoutNs: UInt64? = nil,
        longestNs: UInt64? = nil, isLeading: Bool = false, leastVersion: Int16? = nil,
        greatestVersion: Int16? = nil,
        building build: @escaping (_ version: Int16) -> R,
        completion: @escaping (Result<Answer<R.Response>, ClientError>) -> Void
    ) {
        let greatest = min(R.versions.upperBound, greatestVersion ?? R.versions.upperBound)
        // Before its least version a request would mean something else.
        let least = max(R.versions.lowerBound, leastVersion ?? R.versions.lowerBound)
        let versions = least...max(least, greatest)
        let wanted =
            timeoutNs ?? (lane == .fast ? config.requestTimeoutNs : config.slowTimeoutNs)
        let limit = longestNs ?? max(wanted, Limits.longestAnswer)
        let longest = min(limit, config.longestRequestNs ?? limit)
        // A trial changes nothing, in whatever version it leaves.
        let isTrial = context.writes == .trials && R.effect == .changes && build(greatest).isTrial
        let kind = CallKind(
            key: R.apiKey, name: R.name, effect: isTrial ? .reads : R.effect, verb: R.verb,
            versions: versions,
            lane: lane, timeoutNs: min(wanted, longest), longestNs: longest, isLeading: isLeading
        ) { version, id, client throws(WireFault) in
            try encodeRequest(
                build(version), version: version, correlationID: id, clientID: client)
        }
        route(kind, target) { result in
            completion(result.flatMap { Self.decode(R.self, $0, kind) })
        }
    }

    /// Sends one request that is the same in every version.
    package func send<R: ClientRequest>(
        _ request: R, to target: Target, lane: Lane = .fast, timeoutNs: UInt64? = nil,
        isLeading: Bool = false,
        completion: @escaping (Result<Answer<R.Response>, ClientError>) -> Void
    ) {
        send(
            to: target, lane: lane, timeoutNs: timeoutNs, isLeading: isLeading,
            building: { _ in request }, completion: completion)
    }

    // MARK: What is known

    /// The version a broker and we would use, or nil when it is not known or there is none.
    package func version<R: ClientRequest>(of type: R.Type, broker: Int32) -> Int16? {
        brokers[broker]?.versions?.version(of: type)
    }

    /// The state of the connection to each broker, by id.
    package var links: [BrokerLink] { brokerOrder.map(\.link) }

    package func link(_ broker: Int32) -> BrokerLink? { brokers[broker]?.link }

    /// The same for the bootstrap servers, in their order; their ids are -1.
    package var bootstrapLinks: [BrokerLink] { bootstrap.map(\.link) }

    package var counters: ClientCounters { context.counters }

    /// Ends every connection, before the client is let go; requests under way and later ones fail
    /// with SHUTDOWN.
    package func close() {
        context.close()
        for broker in brokerOrder + bootstrap { broker.close() }
    }

    // MARK: Routing

    private func route(
        _ kind: CallKind, _ target: Target,
        completion: @escaping (Result<Reply, ClientError>) -> Void
    ) {
        func refuse(_ failure: RequestFailure, _ broker: Int32? = nil) {
            var error = kind.error(failure, nil)
            error.brokerID = broker
            context.counters.failures += 1
            loop.later { completion(.failure(error)) }
        }
        if context.isClosed { return refuse(RequestFailure(.shutdown, greeted: true)) }
        if case .unsupported(let name) = config.security {
            return refuse(.securityUnsupported(name))
        }
        if kind.effect == .changes, context.writes != .allowed { return refuse(.readOnly) }
        switch (target, controller) {
        case (.broker(let id), _), (.controller, .broker(let id)):
            guard let broker = brokers[id] else { return refuse(.unknownBroker, id) }
            broker.submit(Call(context, kind, completion: completion))
        case (.any, _), (.controller, .anyBroker):
            let candidates = anyCandidates()
            guard !candidates.isEmpty else { return refuse(.noServers) }
            AnyBrokerCall(context, kind, candidates) { [weak self] result in
                if case .success(let reply) = result { self?.preferred = reply.broker }
                completion(result)
            }.tryNext()
        case (.controller, .unknown): refuse(.unknownController)
        }
    }

    /// Known brokers, the best first and the preferred one before its equals, then bootstrap
    /// servers.
    private func anyCandidates() -> [BrokerConnections] {
        let start = brokerOrder.isEmpty ? 0 : Int(loop.system.random() % UInt64(brokerOrder.count))
        let turned = brokerOrder[start...] + brokerOrder[..<start]
        let known = turned.filter(\.isListed).enumerated().map { (offset, broker) in
            (rank: broker.rank, offset: broker === preferred ? -1 : offset, broker: broker)
        }
        .sorted { ($0.rank, $0.offset) < ($1.rank, $1.offset) }
        let servers = bootstrap.enumerated().map { (offset, server) in
            (rank: server.rank, offset: offset, server: server)
        }
        .sorted { ($0.rank, $0.offset) < ($1.rank, $1.offset) }
        return known.prefix(Limits.anyCandidates).map(\.broker) + servers.map(\.server)
    }

    private static func decode<R: ClientRequest>(
        _ type: R.Type, _ reply: Reply, _ kind: CallKind
    ) -> Result<Answer<R.Response>, ClientError> {
        do throws(WireFault) {
            var leftOver = 0
            let response = try reply.buffer.withBytes { bytes throws(WireFault) in
                try decodeResponse(
                    type, version: reply.version, bytes: bytes, leftOver: &leftOver)
            }
            reply.broker.passedOver(leftOver)
            let size = reply.buffer.count
            reply.buffer.discard()
            reply.broker.throttle(response.throttleTimeMs)
            return .success(
                Answer(
                    value: response, version: reply.version, brokerID: reply.broker.id,
                    endpoint: reply.broker.endpoint, sentAtNs: reply.sentAtNs,
                    receivedAtNs: reply.receivedAtNs, sizeBytes: size))
        } catch {
            let failure = RequestFailure(
                code: .malformedAnswer, what: "the answer cannot be read (\(error))",
                advice: "This is a fault of highwater or of the broker: please report it.")
            return .failure(kind.error(failure, reply.broker))
        }
    }
}
