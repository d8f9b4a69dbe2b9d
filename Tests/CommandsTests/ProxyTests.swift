// Through proxies to brokers whose advertised names only the proxy knows.
import JSON
import Testing
import Transport
import TransportTesting

@testable import Commands
@testable import Security

@MainActor
@Suite(.serialized, .onOwnThread) struct ProxyTests {
    private func doctor(_ settings: String) throws -> Ended {
        let file = try ScratchFile()
        try file.replace(Array(settings.utf8))
        return try highwater("doctor --timeout 2s --command-config \(file.path)")
    }

    private func broker(
        _ change: (inout DoorServer.Behaviour) -> Void = { _ in }
    ) throws -> DoorServer {
        let made = DoorServer { behaviour in
            behaviour.brokers = [(id: 1, host: "zk1.example.com", port: 9092)]
            change(&behaviour)
        }
        return try #require(made)
    }

    private func names(_ broker: DoorServer) -> [String: UInt16] {
        ["zk1.example.com:9092": broker.endpoint.port]
    }

    @Test(arguments: [ProxyServer.Kind.socks, .http])
    func namesThatOnlyTheProxyKnows(kind: ProxyServer.Kind) throws {
        let broker = try broker()
        let account = (user: "bob", password: "pr0xy-secret")
        let made = ProxyServer(kind, names: names(broker), account: account)
        let proxy = try #require(made)
        defer {
            proxy.stop()
            broker.stop()
        }
        let scheme = kind == .socks ? "socks5h" : "http"
        let ended = try doctor(
            "bootstrap.servers=zk1.example.com:9092\n"
                + "highwater.proxy=\(scheme)://\(proxy.endpoint)\n"
                + "highwater.proxy.username=bob\nhighwater.proxy.password=pr0xy-secret\n")
        #expect(
            ended.output.contains("\(proxy.endpoint) (the proxy \(scheme)://\(proxy.endpoint))\n"),
            "\(ended.output)")
        #expect(ended.output.contains("  a way to zk1.example.com:9092\n"), "\(ended.output)")
        #expect(ended.output.contains("it is broker 1\n"), "\(ended.output)")
        #expect(proxy.asked.withLock { $0.allSatisfy { $0 == "zk1.example.com:9092" } })
        #expect(!(ended.output + ended.errors).contains("pr0xy"))
    }

    /// From here to the broker itself, whose certificate is for its own name.
    @Test func tlsThroughAProxy() throws {
        var certificate = TLSOptions()
        certificate.identity = TLSMaterial(
            name: "server.pem", bytes: Array((TestKeys.server + "\n" + TestKeys.serverKey).utf8))
        let broker = try broker { $0.tls = certificate }
        let made = ProxyServer(.socks, names: names(broker))
        let proxy = try #require(made)
        defer {
            proxy.stop()
            broker.stop()
        }
        let trust = TestKeys.authority.split(separator: "\n").joined(separator: "\\n\\\n")
        let settings =
            "bootstrap.servers=zk1.example.com:9092\nsecurity.protocol=SSL\n"
            + "highwater.proxy=socks5h://\(proxy.endpoint)\n"
            + "ssl.truststore.certificates=\(trust)\n"
        let ended = try doctor(settings)
        #expect(ended.output.contains("TLSv1.3, TLS_"), "\(ended.output)")
        #expect(ended.output.contains("it is broker 1\n"), "\(ended.output)")
    }

    /// What the proxy does not do is said of the proxy.
    @Test func whatTheProxyRefuses() throws {
        let broker = try broker()
        let made = ProxyServer(.http, names: names(broker))
        let proxy = try #require(made)
        defer {
            proxy.stop()
            broker.stop()
        }
        let closed = try #require(LoopbackServer.closedPort())
        let silent = try #require(LoopbackServer(.silent))
        defer { silent.stop() }
        let cases: [(String, String, String)] = [
            (
                "other.example.com:9092", "http://\(proxy.endpoint)",
                "other.example.com:9092 could not be reached: it answered 502 Bad Gateway"
            ),
            ("zk1.example.com:9092", "socks5h://\(proxy.endpoint)", "it speaks HTTP, not SOCKS 5"),
            (
                "zk1.example.com:9092", "socks5h://127.0.0.1:\(closed)",
                "connection refused at 127.0.0.1:\(closed)"
            ),
            (
                "a:1", "socks5h://\(silent.endpoint)",
                "no answer (it does not reach a:1 in time, or is no SOCKS 5 proxy)"
            ),
        ]
        for (server, address, reason) in cases {
            let ended = try doctor("bootstrap.servers=\(server)\nhighwater.proxy=\(address)\n")
            let expected =
                "  1. \(server): no way through the proxy \(address): \(reason). Check "
                + "highwater.proxy, and what the proxy allows and reaches.\n"
            #expect(ended.output.contains(expected), "\(ended.output)")
            #expect(ended.code == 3)
        }
    }

    @Test func settingsThatAreWrongAreNamed() throws {
        let cases = [
            ("bastion:1080", "write socks5h://HOST:PORT or http://HOST:PORT"),
            ("socks5://bastion:1080", "write socks5h:// (socks5:// would ask"),
            ("https://bastion:1080", "https:// is no proxy that is spoken"),
            ("socks5h://bastion", "the port is missing"),
            ("http://bob:hidden@bastion:1080", "user and password do not belong into the address"),
        ]
        for (value, words) in cases {
            let ended = try doctor("bootstrap.servers=a:1\nhighwater.proxy=\(value)\n")
            #expect(ended.code == 2)
            #expect(ended.errors.contains(words), "\(ended.errors)")
            #expect(!ended.errors.contains("hidden"))
        }
    }
}
