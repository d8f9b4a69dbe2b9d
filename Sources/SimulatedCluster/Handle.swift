// One request in, one reaction out: reads the header, refuses what the release does not offer as a
// real broker does, and hands over to the API.
import KafkaWire
import Simulation

extension Machine {
    /// What a broker does about one request frame, size already cut off. Only brokers that take
    /// connections are asked.
    package mutating func handle(_ frame: [UInt8], broker id: Int32, now: UInt64) -> Reaction {
        guard let index = brokerIndex(id) else { return .close }
        switch brokers[index].condition {
        case .running: break
        case .frozen: return .hold
        case .dead: return .close
        }
        mishap = false
        var delay = brokers[index].answerDelayNs
        exchanges += 1
        var isCut = false
        if !shape.mishaps.isNone, !isCalm, seconds < shape.calmFromSeconds {
            let isChosen = exchanges == shape.mishaps.failingExchange
            if isChosen, shape.mishaps.failure == .closed { return .close }
            if isChosen, shape.mishaps.failure == .silent { return .ignore }
            isCut = isChosen && shape.mishaps.failure == .truncated
            if random.unit() < shape.mishaps.drop { return .close }
            if random.unit() < shape.mishaps.silence { return .ignore }
            if random.unit() < shape.mishaps.delay {
                delay += UInt64(random.unit() * shape.mishaps.delaySeconds * 1e9)
            }
            mishap = random.unit() < shape.mishaps.error
            if isChosen, shape.mishaps.failure == .error { mishap = true }
        }
        // What a broker needs for an answer: a little, and more for a long question.
        let work = 120_000 + random.next() % 400_000 + UInt64(frame.count) * 20
        let bytes = frame.withUnsafeBytes { bytes -> [UInt8]? in
            if let whole = wholeMetadata(bytes, broker: index, t: time(now)) { return whole }
            return switch change(bytes, broker: index, t: time(now)) {
            case .answered(let answer): answer
            case .noChange: answer(bytes, broker: index, t: time(now))
            }
        }
        tellZooKeeper()
        guard let bytes else { return .close }
        return .answer(isCut ? Self.cut(bytes) : bytes, afterNs: delay + work)
    }

    /// A frame with half of its contents, its size corrected.
    private static func cut(_ frame: [UInt8]) -> [UInt8] {
        let contents = frame.dropFirst(4).prefix(max(4, (frame.count - 4) / 2))
        let size = UInt32(contents.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } + contents
    }

    /// The answer, or nil where a broker ends the connection: an API or a version it does not
    /// offer, a request that cannot be read.
    private func answer(_ frame: UnsafeRawBufferPointer, broker index: Int, t: Double) -> [UInt8]? {
        guard let header = try? RequestHeader(peeking: frame) else { return nil }
        let offered = offered[brokers[index].release] ?? [:]
        let isOffered = offered[header.apiKey]?.contains(header.version) ?? false
        let call = Call(machine: self, index: index, t: t, header: header, frame: frame)
        if header.apiKey == ApiVersionsRequest.apiKey {
            return isOffered ? call.apiVersions(offered) : call.refusedApiVersions(offered)
        }
        guard isOffered else { return nil }
        return switch header.apiKey {
        case MetadataRequest.apiKey: call.reply(MetadataRequest.self, call.metadata)
        case ListOffsetsRequest.apiKey: call.reply(ListOffsetsRequest.self, call.listOffsets)
        case OffsetFetchRequest.apiKey: call.reply(OffsetFetchRequest.self, call.offsetFetch)
        case FindCoordinatorRequest.apiKey:
            call.reply(FindCoordinatorRequest.self, call.findCoordinator)
        case DescribeGroupsRequest.apiKey:
            call.reply(DescribeGroupsRequest.self, call.describeGroups)
        case ListGroupsRequest.apiKey: call.reply(ListGroupsRequest.self, call.listGroups)
        case ConsumerGroupDescribeRequest.apiKey:
            call.reply(ConsumerGroupDescribeRequest.self, call.describeConsumerGroups)
        case DescribeConfigsRequest.apiKey:
            call.reply(DescribeConfigsRequest.self, call.describeConfigs)
        case DescribeLogDirsRequest.apiKey:
            call.reply(DescribeLogDirsRequest.self, call.describeLogDirs)
        case ListPartitionReassignmentsRequest.apiKey:
            call.reply(ListPartitionReassignmentsRequest.self, call.listReassignments)
        case DescribeQuorumRequest.apiKey:
            call.reply(DescribeQuorumRequest.self, call.describeQuorum)
        case DescribeClusterRequest.apiKey:
            call.reply(DescribeClusterRequest.self, call.describeCluster)
        case SaslHandshakeRequest.apiKey:
            call.reply(SaslHandshakeRequest.self, call.saslHandshake)
        case SaslAuthenticateRequest.apiKey:
            call.reply(SaslAuthenticateRequest.self, call.saslAuthenticate)
        case DescribeTopicPartitionsRequest.apiKey:
            call.reply(DescribeTopicPartitionsRequest.self, call.describeTopicPartitions)
        case ShareGroupDescribeRequest.apiKey:
            call.reply(ShareGroupDescribeRequest.self, call.describeShareGroups)
        case DescribeShareGroupOffsetsRequest.apiKey:
            call.reply(DescribeShareGroupOffsetsRequest.self, call.describeShareOffsets)
        case StreamsGroupDescribeRequest.apiKey:
            call.reply(StreamsGroupDescribeRequest.self, call.describeStreamsGroups)
        default: nil
        }
    }

    // MARK: Changes

    private enum Changed {
        /// Nil where the broker ends the connection.
        case answered([UInt8]?)
        case noChange
    }

    /// Carries out a request that changes the cluster. Here and not in a `Call`, which has a copy
    /// of the machine.
    private mutating func change(
        _ frame: UnsafeRawBufferPointer, broker index: Int, t: Double
    ) -> Changed {
        guard let header = try? RequestHeader(peeking: frame),
            offered[brokers[index].release]?[header.apiKey]?.contains(header.version) ?? false
        else { return .noChange }
        let order = Order(index: index, version: header.version)
        return switch header.apiKey {
        case ElectLeadersRequest.apiKey:
            change(ElectLeadersRequest.self, frame, header, t) { $0.electLeaders($1, order) }
        case AlterPartitionReassignmentsRequest.apiKey:
            change(AlterPartitionReassignmentsRequest.self, frame, header, t) {
                $0.alterReassignments($1, order)
            }
        case IncrementalAlterConfigsRequest.apiKey:
            change(IncrementalAlterConfigsRequest.self, frame, header, t) {
                $0.isTooLong($1) ? nil : $0.alterConfigs($1, order)
            }
        case AlterConfigsRequest.apiKey:
            change(AlterConfigsRequest.self, frame, header, t) { $0.replaceConfigs($1, order) }
        case AlterReplicaLogDirsRequest.apiKey:
            change(AlterReplicaLogDirsRequest.self, frame, header, t) {
                $0.alterLogDirs($1, order)
            }
        default: .noChange
        }
    }

    private mutating func change<R: KafkaRequest>(
        _ type: R.Type, _ frame: UnsafeRawBufferPointer, _ header: RequestHeader, _ t: Double,
        _ make: (inout Machine, R) -> R.Response?
    ) -> Changed {
        guard let (_, request) = try? decodeRequest(type, frame: frame) else {
            return .answered(nil)
        }
        settle(until: t)
        guard let response = make(&self, request) else { return .answered(nil) }
        return .answered(
            try? encodeResponse(
                type, response, version: header.version, correlationID: header.correlationID))
    }

    /// KRaft brokers end the connection over a value they could not store.
    private func isTooLong(_ request: IncrementalAlterConfigsRequest) -> Bool {
        !isZooKeeper
            && request.resources.contains { resource in
                resource.configs.contains {
                    ($0.value?.utf8.count ?? 0) > Limits.configValueBytes
                }
            }
    }
}

/// One request being answered by one broker at one moment.
struct Call {
    let machine: Machine
    /// The broker that answers.
    let index: Int
    let t: Double
    let header: RequestHeader
    let frame: UnsafeRawBufferPointer

    var shape: Shape { machine.shape }
    var broker: SimulatedBroker { machine.brokers[index] }
    /// Its id alone: the whole broker in a variable is a copy with all its lists.
    var brokerID: Int32 { machine.brokers[index].id }
    var version: Int16 { header.version }

    /// Reads the request, makes the answer, writes it; nil where the request cannot be read.
    func reply<R: KafkaRequest>(_ type: R.Type, _ make: (R) -> R.Response) -> [UInt8]? {
        guard let (_, request) = try? decodeRequest(type, frame: frame) else { return nil }
        return try? encodeResponse(
            type, make(request), version: header.version, correlationID: header.correlationID)
    }

    // MARK: ApiVersions

    func apiVersions(_ offered: [Int16: ClosedRange<Int16>]) -> [UInt8]? {
        reply(ApiVersionsRequest.self) { request in
            var response = ApiVersionsResponse()
            if version >= 3,
                !Self.isSoftware(request.clientSoftwareName)
                    || !Self.isSoftware(request.clientSoftwareVersion)
            {
                response.error = .invalidRequest
                return response
            }
            response.apiKeys = Self.list(offered)
            addFeatures(to: &response)
            return response
        }
    }

    /// A version nobody knows is answered in the layout of version 0.
    func refusedApiVersions(_ offered: [Int16: ClosedRange<Int16>]) -> [UInt8]? {
        var response = ApiVersionsResponse()
        response.error = .unsupportedVersion
        response.apiKeys = Self.list(offered.filter { $0.key == ApiVersionsRequest.apiKey })
        return try? encodeResponse(
            ApiVersionsRequest.self, response, version: 0, correlationID: header.correlationID)
    }

    private static func list(
        _ offered: [Int16: ClosedRange<Int16>]
    ) -> [ApiVersionsResponse.ApiVersion] {
        offered.sorted { $0.key < $1.key }.map { key, range in
            var entry = ApiVersionsResponse.ApiVersion()
            entry.apiKey = key
            entry.minVersion = range.lowerBound
            entry.maxVersion = range.upperBound
            return entry
        }
    }

    /// Kafka's pattern for names and versions of software.
    private static func isSoftware(_ text: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isPlain(first) && isPlain(last)
            && text.utf8.allSatisfy { isPlain($0) || $0 == 0x2D || $0 == 0x2E }
    }

    // MARK: Login

    /// A plaintext listener takes no login.
    func saslHandshake(_ request: SaslHandshakeRequest) -> SaslHandshakeResponse {
        var response = SaslHandshakeResponse()
        response.error = .illegalSaslState
        return response
    }

    func saslAuthenticate(_ request: SaslAuthenticateRequest) -> SaslAuthenticateResponse {
        var response = SaslAuthenticateResponse()
        response.error = .illegalSaslState
        response.errorMessage =
            "SaslAuthenticate request received after successful authentication"
        return response
    }

    // MARK: Rights

    func isHidden(topic name: String) -> Bool {
        (shape.access.hiddenTopicPrefix.map { name.hasPrefix($0) } ?? false)
            || machine.isHidden(name)
    }

    func isHidden(group id: String) -> Bool {
        (shape.access.hiddenGroupPrefix.map { id.hasPrefix($0) } ?? false) || machine.isHidden(id)
    }
}
