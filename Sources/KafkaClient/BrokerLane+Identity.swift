// Whose answers come on a connection: an address is not an identity. Its first questions ask which
// broker and which cluster answer there; nothing else that comes on it counts before that is known.
import KafkaWire
import Transport

extension BrokerLane {
    /// Asks who answers, where the client was told to. Questions that only read leave right behind:
    /// a broker answers in order, so theirs come after.
    ///
    /// A broker refuses to describe the configs of another one (42 "Unexpected broker id", Kafka
    /// 2.4.1 to 4.4.0: protocol-live.md), and Metadata names the cluster.
    func askIdentity() {
        guard context.checksIdentity else { return proved() }
        if broker.id != nil { askBroker() }
        if state == .ready, context.clusterID != nil { askCluster() }
        if state == .ready, proofsLeft == 0 { proved() }
    }

    /// The same of a connection that may stand already, since before anybody was to be asked.
    func proveAgain() {
        guard !isRenewing else {
            _ = loop.after(Limits.renewalDelay) { [weak self] in self?.proveAgain() }
            return
        }
        guard state == .ready, !waitsForProof, proofsLeft == 0 else { return probe() }
        isProven = false
        askIdentity()
    }

    /// Answers on this connection are the broker's whom we mean.
    private func proved() {
        isProven = true
        if let phaseTimer { loop.cancel(phaseTimer) }
        phaseTimer = nil
        if context.checksIdentity {
            broker.versions = versions
            broker.heard(loop.now)
        }
        for action in broker.takeProofWaiters() { loop.later(action) }
        pump()
    }

    private func proofCame() {
        proofsLeft -= 1
        guard proofsLeft <= 0 else { return }
        proved()
    }

    // MARK: Which broker

    private func askBroker() {
        guard let id = broker.id, let versions,
            let version = versions.version(of: DescribeConfigsRequest.self)
        else { return noteUntold() }
        var request = DescribeConfigsRequest()
        // One key, since all would be a long answer; an empty list is no key or all of them.
        request.resources = [
            .init(resourceType: .broker, resourceName: "\(id)", keys: ["broker.id"])
        ]
        ask(request, version) { [weak self] response in
            guard let self else { return }
            let result = response?.results.first
            if let result, let other = result.otherBroker {
                return drop(.wrongBroker(other, isMapped ? place : nil))
            }
            if result?.error.isError ?? true { noteUntold() }
            if state == .ready { proofCame() }
        }
    }

    /// Who answers does not say which broker it is: that counts where two brokers have one address.
    private func noteUntold() {
        guard let id = broker.id, let other = broker.sharesAddressWith else { return }
        drop(.sharedAddress(id, other, place))
    }

    private var isMapped: Bool { place != endpoint }

    // MARK: Which cluster

    /// Metadata grows with the number of brokers. Where these are many, a first connection to an
    /// address that the cluster itself named is believed, as is one to a mapped address once enough
    /// of these have proved it, and of connections that are made anew after a fault one proves it
    /// for all of them.
    func askCluster() {
        if context.areControllers { return askClusterOfController() }
        guard let version = versions?.version(of: MetadataRequest.self),
            version >= Limits.clusterIDVersion
        else { return }
        let isBelieved = !isMapped || context.provenMapped >= Limits.provenBrokers
        if broker.id != nil, context.listedCount > Limits.provenBrokers, isBelieved,
            !context.isSuspicious
        {
            guard endedAtNs > context.provenAtNs else { return }
            guard context.becomesProver(self) else {
                proofsLeft += 1
                waitsForProof = true
                return
            }
        }
        ask(MetadataRequest(topics: [], version: version), version) { [weak self] response in
            self?.took(cluster: response?.clusterID)
        }
    }

    /// KIP-919, Kafka 3.7: the controllers' own listener names the cluster there.
    private func askClusterOfController() {
        guard let version = versions?.version(of: DescribeClusterRequest.self), version >= 1
        else { return }
        var request = DescribeClusterRequest()
        request.endpointType = 2
        ask(request, version) { [weak self] response in self?.took(cluster: response?.clusterID) }
    }

    private func took(cluster id: String?) {
        // One that has just started, or is in trouble, may name none.
        if let id, !id.isEmpty, let expected = context.clusterID, id != expected {
            return meets(cluster: id, instead: expected)
        }
        broker.otherClusterID = nil
        context.isSuspicious = false
        if isMapped { context.provenMapped += 1 }
        context.provenAtNs = max(context.provenAtNs, connectingSinceNs)
        proofCame()
        context.proofEnded(self)
    }

    /// Another cluster answers here.
    func meets(cluster id: String, instead expected: String) {
        broker.otherClusterID = id
        context.isSuspicious = true
        drop(.wrongCluster(id, instead: expected))
    }

    /// Another connection has proved that the cluster is the one we mean, or has failed to.
    func proofIsOver() {
        guard waitsForProof else { return }
        waitsForProof = false
        proofsLeft -= 1
        askCluster()
        if proofsLeft == 0 { proved() }
    }

    // MARK: Asking

    /// Who answers nothing shows nothing: what waits for it does so no longer than for a silent
    /// broker. Questions that left behind have limits of their own, which are shorter.
    private func watchProof() {
        if let phaseTimer { loop.cancel(phaseTimer) }
        let quiet = quietNs
        let limit = patience(config.silentCloseNs)
        phaseTimer = loop.after(limit > quiet ? limit - quiet : 0) { [weak self] in
            guard let self else { return }
            guard quietNs >= limit else { return watchProof() }
            if lane == .fast { broker.markSilent(since: loop.now - quietNs) }
            drop(.negotiationSilent(limit))
        }
    }

    /// Sends one of these questions; `answered` gets nil where the answer cannot be read.
    private func ask<R: ClientRequest>(
        _ request: R, _ version: Int16, _ answered: @escaping (R.Response?) -> Void
    ) {
        proofsLeft += 1
        watchProof()
        let asked = stream
        handshake({ id, client throws(WireFault) in
            try encodeRequest(request, version: version, correlationID: id, clientID: client)
        }) { [weak self] buffer in
            // It may have come together with one that has ended the connection.
            guard let self, stream === asked else { return }
            var leftOver = 0
            let response = try? buffer.withBytes { bytes throws(WireFault) in
                try decodeResponse(R.self, version: version, bytes: bytes, leftOver: &leftOver)
            }
            broker.passedOver(leftOver)
            if let response { broker.throttle(response.throttleTimeMs) }
            answered(response)
        }
    }
}

extension DescribeConfigsResponse.Result {
    /// The broker that answered, where it is another than was asked for; -1 where it says so and
    /// not who it is.
    var otherBroker: Int32? {
        guard error == .invalidRequest, let text = errorMessage,
            text.hasPrefix("Unexpected broker id")
        else { return nil }
        // "Unexpected broker id, expected 1 or empty string, but received 2"
        let words = text.split(separator: " ")
        let place = words.firstIndex(of: "expected").map { $0 + 1 }
        let id = place.flatMap { words.indices.contains($0) ? words[$0] : nil }
        return id.flatMap { Int32($0.prefix { $0.isNumber }) } ?? -1
    }
}
