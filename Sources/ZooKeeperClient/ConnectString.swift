// Where an ensemble is: the connect string as people and brokers' settings write it, and the paths
// below its chroot.
package import Transport

/// The servers of one ensemble and the path all znodes are taken to be below.
package struct ZooKeeperServers: Hashable, Sendable, CustomStringConvertible {
    package static let defaultPort: UInt16 = 2181

    package var servers: [Endpoint]
    /// "" or "/a/b": put before every path sent, taken off every path that comes.
    package var chroot: String

    package init(servers: [Endpoint], chroot: String = "") {
        self.servers = servers
        self.chroot = chroot
    }

    /// Reads `h1:2181,h2,[::1]:2181/chroot`: the chroot stands once, at the end, for all servers.
    package init(parsing text: String) throws(ConnectStringFault) {
        func fault(_ reason: String) -> ConnectStringFault {
            ConnectStringFault(text: text, reason: reason)
        }
        if text.contains("://") {
            throw fault("addresses are plain HOST:PORT here, without a scheme")
        }
        var list = text[...]
        var chroot = ""
        if let slash = text.firstIndex(of: "/") {
            list = text[..<slash]
            chroot = String(text[slash...])
        }
        if chroot == "/" { chroot = "" }
        if !chroot.isEmpty, let reason = ZnodePath.fault(chroot) {
            throw fault("the path after the servers \(reason)")
        }
        var servers: [Endpoint] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let word = part.filter { $0 != " " && $0 != "\t" }
            guard !word.isEmpty else { throw fault("a server is missing") }
            do throws(EndpointFault) {
                let server = try Endpoint(parsing: Self.hasPort(word) ? word : word + ":2181")
                if !servers.contains(server) { servers.append(server) }
            } catch {
                throw fault("\(error)")
            }
        }
        self.init(servers: servers, chroot: chroot)
    }

    private static func hasPort(_ word: String) -> Bool {
        if word.hasPrefix("[") { return word.last != "]" }
        return word.contains(":")
    }

    package var description: String {
        servers.map(\.description).joined(separator: ",") + chroot
    }

    /// A path as the server knows it.
    func full(_ path: String) -> String {
        if chroot.isEmpty { return path }
        return path == "/" ? chroot : chroot + path
    }

    /// A path of the server as our callers know it; nil when it is not below the chroot.
    func stripped(_ path: String) -> String? {
        if chroot.isEmpty { return path }
        guard path.hasPrefix(chroot) else { return nil }
        let rest = path.dropFirst(chroot.count)
        if rest.isEmpty { return "/" }
        return rest.hasPrefix("/") ? String(rest) : nil
    }
}

/// Why a text is not a connect string.
package struct ConnectStringFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package let reason: String

    package var description: String {
        "\"\(printable(text))\" is not a ZooKeeper connect string (HOST:PORT,HOST:PORT/PATH): "
            + printable(reason)
    }
}

/// What ZooKeeper takes as the path of a znode.
enum ZnodePath {
    /// What is wrong with a path, as the end of a sentence; nil when nothing is. A server would
    /// answer a wrong path with BADARGUMENTS or MARSHALLINGERROR.
    static func fault(_ path: String) -> String? {
        guard path.utf8.first == UInt8(ascii: "/") else { return "must begin with /" }
        if path == "/" { return nil }
        for name in path.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            if name.isEmpty { return "has an empty name in it" }
            if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) {
                return "may not hold . or .. as a name"
            }
        }
        let isBad = path.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0...0x1f, 0x7f...0x9f, 0xf000...0xf8ff, 0xfff0...0xffff: true
            default: false
            }
        }
        return isBad ? "holds characters ZooKeeper does not allow" : nil
    }
}
