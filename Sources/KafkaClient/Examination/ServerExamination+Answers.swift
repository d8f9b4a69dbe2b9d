// The questions of an examination once the connection stands: versions, login, Metadata, and who
// answers.
import KafkaWire
import Transport

extension ServerExamination {
    // MARK: Versions

    func greet() {
        start(.versions)
        negotiate(Limits.firstApiVersions)
    }

    private func negotiate(_ version: Int16) {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = config.softwareName
        request.clientSoftwareVersion = config.softwareVersion
        send({ [request] id, client throws(WireFault) in
            try encodeRequest(request, version: version, correlationID: id, clientID: client)
        }) { [self] buffer in
            guard let (response, _) = ApiVersionsResponse.read(buffer, version) else {
                return fail(.senselessVersions)
            }
            let table = VersionTable(response)
            if response.error == .unsupportedVersion, version > 0 {
                let known = table.version(of: ApiVersionsRequest.self) ?? 0
                return negotiate(known < version ? known : 0)
            }
            guard !response.error.isError else { return fail(.kafka(response.error)) }
            versions = table
            found.versions = table
            note(.versions, .done, "\(table.ranges.count) APIs")
            logIn()
        }
    }

    // MARK: Login

    private func logIn() {
        guard let makeLogin = config.makeLogin else { return askMetadata() }
        start(.login)
        if let refusal = examiner.refusedLogin {
            note(
                .login, .skipped,
                "no second login after a refusal, so that no account is locked (\(refusal))")
            return finish()
        }
        step(makeLogin(found.endpoint), after: nil, steps: 0)
    }

    private func step(_ login: any Login, after answer: FrameBuffer?, steps: Int) {
        guard let versions else { return }
        do throws(LoginFailure) {
            guard steps < Limits.loginSteps else {
                throw LoginFailure(error: .none, message: "the login takes too many steps")
            }
            guard let request = try login.next(after: answer, versions: versions) else {
                examiner.loggedIn()
                let lifetime = login.sessionLifetimeMs
                let session =
                    lifetime > 0 ? ", a session of \(lifetime / 1000) s, then renewed" : ""
                note(.login, .done, examiner.loginName + session)
                return askMetadata()
            }
            send(request.encode) { [self] in step(login, after: $0, steps: steps + 1) }
        } catch {
            if error.isRefusal { examiner.refusedLogin = found.endpoint.description }
            fail(RequestFailure(code: .loginFailed, what: error.message, advice: error.advice))
        }
    }

    // MARK: Metadata

    private func askMetadata() {
        start(.metadata)
        guard let version = versions?.version(of: MetadataRequest.self) else {
            return fail(
                .unsupported(
                    MetadataRequest.name, ours: MetadataRequest.versions,
                    theirs: versions?.ranges[MetadataRequest.apiKey]))
        }
        // Before version 1 there is no way to ask for no topics.
        let topics: [String]? = version > 0 ? [] : nil
        ask(MetadataRequest(topics: topics, version: version), version) { [self] response in
            guard let response else { return fail(.unreadable) }
            found.clusterID = response.clusterID
            found.brokers = response.brokers.map { broker in
                BrokerAddress(
                    id: broker.nodeID,
                    endpoint: Endpoint(
                        host: broker.host, port: UInt16(clamping: max(0, broker.port))),
                    rack: broker.rack)
            }
            guard !found.brokers.isEmpty else {
                return fail(
                    RequestFailure(
                        code: .noBroker, what: "it lists no broker",
                        advice: "It has only just started, or it is cut off from its controller."))
            }
            let id = found.clusterID.map { "cluster \($0)" } ?? "a cluster without id"
            note(
                .metadata, .done,
                "\(id), \(found.brokers.count) broker\(found.brokers.count == 1 ? "" : "s")")
            askIdentity()
        }
    }

    // MARK: Who answers

    private func askIdentity() {
        start(.identity)
        if let expected = examiner.expectedCluster, let id = found.clusterID, id != expected {
            return fail(.wrongCluster(id, instead: expected))
        }
        guard let id = found.brokerID,
            let version = versions?.version(of: DescribeConfigsRequest.self)
        else { return finish() }
        var request = DescribeConfigsRequest()
        request.resources = [
            .init(resourceType: .broker, resourceName: "\(id)", keys: ["broker.id"])
        ]
        ask(request, version) { [self] response in
            if let other = response?.results.first?.otherBroker {
                return fail(
                    .wrongBroker(other, found.dialled == found.endpoint ? nil : found.dialled))
            }
            if let error = response?.results.first?.error, !error.isError {
                note(.identity, .done, "it is broker \(id)")
            } else {
                note(
                    .identity, .skipped,
                    "it does not tell which broker it is (DescribeConfigs on the cluster)")
            }
            finish()
        }
    }

    // MARK: Asking

    private func ask<R: ClientRequest>(
        _ request: R, _ version: Int16, _ answered: @escaping (R.Response?) -> Void
    ) {
        send({ id, client throws(WireFault) in
            try encodeRequest(request, version: version, correlationID: id, clientID: client)
        }) { buffer in
            var leftOver = 0
            let response = try? buffer.withBytes { bytes throws(WireFault) in
                try decodeResponse(R.self, version: version, bytes: bytes, leftOver: &leftOver)
            }
            answered(response)
        }
    }

    /// Sends one request and waits for its answer, for no longer than a handshake may take.
    private func send(
        _ encode: (Int32, String) throws(WireFault) -> [UInt8],
        _ answered: @escaping (FrameBuffer) -> Void
    ) {
        guard let stream else { return }
        do throws(WireFault) {
            let frame = try encode(stream.nextCorrelationID, config.clientID)
            let limitNs = config.negotiateTimeoutNs
            limit(limitNs) { [self] in
                stream.onEnd = { _ in }
                followUp(.negotiationSilent(limitNs))
            }
            _ = stream.send(frame) { [self] result in
                guard case .success(let buffer) = result, self.stream === stream else { return }
                endLimit()
                answered(buffer)
            }
        } catch {
            fail(RequestFailure(code: .cannotExpress, what: "\(error)"))
        }
    }
}

extension RequestFailure {
    static let unreadable = RequestFailure(
        code: .malformedAnswer, what: "the answer cannot be read",
        advice: "This is a fault of highwater or of the broker: please report it.")
}
