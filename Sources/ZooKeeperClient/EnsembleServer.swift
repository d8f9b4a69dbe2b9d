// The ensemble's own list of its servers: the text of `/zookeeper/config`.
package import Transport

/// One server as the ensemble's configuration names it.
package struct EnsembleServer: Hashable, Sendable {
    /// The N of `server.N`.
    package var id: Int64
    /// For the other servers, not for clients.
    package var quorumHost: String
    package var isObserver: Bool
    /// Nil where the configuration leaves the client port to the server; a server that listens
    /// everywhere (0.0.0.0) is named by its quorum address.
    package var client: Endpoint?

    package init(id: Int64, quorumHost: String, isObserver: Bool, client: Endpoint?) {
        self.id = id
        self.quorumHost = quorumHost
        self.isObserver = isObserver
        self.client = client
    }

    /// Reads lines such as `server.1=host:2888:3888:participant;0.0.0.0:2181`; others are left out.
    package static func parse(configuration bytes: [UInt8]) -> [EnsembleServer] {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            guard line.hasPrefix("server."), let equals = line.firstIndex(of: "=") else {
                return nil
            }
            let number = line[..<equals].dropFirst("server.".count)
            guard let id = Int64(number) else { return nil }
            return EnsembleServer(id: id, line[line.index(after: equals)...])
        }
    }

    private init?(id: Int64, _ text: Substring) {
        let halves = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        // Several addresses of one server are separated by "|"; the first will do.
        guard let quorum = halves.first?.split(separator: "|").first else { return nil }
        let host: Substring
        if quorum.hasPrefix("["), let end = quorum.firstIndex(of: "]") {
            host = quorum[quorum.index(after: quorum.startIndex)..<end]
        } else {
            guard let name = quorum.split(separator: ":").first else { return nil }
            host = name
        }
        self.init(
            id: id, quorumHost: String(host), isObserver: halves[0].hasSuffix(":observer"),
            client: halves.count > 1 ? Self.client(halves[1], host) : nil)
    }

    private static func client(_ text: Substring, _ host: Substring) -> Endpoint? {
        if let port = UInt16(text) { return Endpoint(host: String(host), port: port) }
        guard var endpoint = try? Endpoint(parsing: text) else { return nil }
        if ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"].contains(endpoint.host) {
            endpoint.host = String(host)
        }
        return endpoint
    }
}
