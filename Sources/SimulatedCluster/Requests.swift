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
        answersError = false
        var delay = brokers[index].answerDelayNs
        exchanges += 1
        var isCut = false
        if !shape.faultRates.isNone, !faultsStopped, seconds < shape.faultsEndAtSeconds {
            let isChosen = exchanges == shape.faultRates.failingExchange
            if isChosen, shape.faultRates.failure == .closed { return .close }
            if isChosen, shape.faultRates.failure == .silent { return .ignore }
            isCut = isChosen && shape.faultRates.failure == .truncated
            if random.unit() < shape.faultRates.drop { return .close }
            if random.unit() < shape.faultRates.silence { return .ignore }
            if random.unit() < shape.faultRates.delay {
                delay += UInt64(random.unit() * shape.faultRates.delaySeconds * 1e9)
            }
            answersError = random.unit() < shape.faultRates.error
            if isChosen, shape.faultRates.failure == .error { answersError = true }
        }
        // What a broker needs for an answer: a little, and more for a long question.
        let work = 120_000 + random.next() % 400_000 + UInt64(frame.count) * 20
        let bytes = frame.withUnsafeBytes { bytes -> [UInt8]? in
            if let whole = wholeMetadata(bytes, broker: index, t: time(now)) { return whole }
            return answer(bytes, broker: index, t: time(now))
        }
        updateZooKeeper()
        guard let bytes else { return .close }
        return .answer(isCut ? Self.cut(bytes) : bytes, afterNs: delay + work)
    }

    /// Why a broker ends the connection at a request, where it does so because the simulation does
    /// not go as far: a sentence without a full stop. Nil where a real broker would do the same.
    package func limitation(_ frame: [UInt8]) -> String? {
        let header = frame.withUnsafeBytes { try? RequestHeader(peeking: $0) }
        guard let header, handlers[header.apiKey] == nil,
            shape.release.versions(shape.coordination)[header.apiKey] != nil
        else { return nil }
        let name = Release.otherAPIs[header.apiKey].map { "\($0) (API \(header.apiKey))" }
        return "\(name ?? "API \(header.apiKey)") was asked, which the simulation does not play: "
            + "the connection was closed"
    }

    /// A frame with half of its contents, its size corrected.
    private static func cut(_ frame: [UInt8]) -> [UInt8] {
        let contents = frame.dropFirst(4).prefix(max(4, (frame.count - 4) / 2))
        let size = UInt32(contents.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } + contents
    }

    /// The answer, or nil where a broker ends the connection: an API or a version it does not
    /// offer, a request that cannot be read.
    private mutating func answer(
        _ frame: UnsafeRawBufferPointer, broker index: Int, t: Double
    ) -> [UInt8]? {
        guard let header = try? RequestHeader(peeking: frame) else { return nil }
        let request = ReceivedRequest(index: index, t: t, header: header, frame: frame)
        let offered = offered[brokers[index].release]?[header.apiKey]
        guard offered?.contains(header.version) == true else {
            return header.apiKey == ApiVersionsRequest.apiKey
                ? RequestContext(machine: self, request).refusedApiVersions() : nil
        }
        return handlers[header.apiKey]?.answer(&self, request)
    }
}
