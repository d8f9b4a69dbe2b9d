// Connect strings, chroots and paths.
import Testing
import Transport

@testable import ZooKeeperClient

@Suite struct ConnectStringTests {
    @Test func whatPeopleWriteIsRead() throws {
        let cases: [(String, [String], String)] = [
            ("zk1:2181", ["zk1:2181"], ""), ("zk1", ["zk1:2181"], ""),
            ("zk1:2181,zk2:2182,zk3:2183/kafka", ["zk1:2181", "zk2:2182", "zk3:2183"], "/kafka"),
            ("zk1, zk2 ,zk3:1/a/b", ["zk1:2181", "zk2:2181", "zk3:1"], "/a/b"),
            ("[::1]:2181,[fe80::2]/x", ["[::1]:2181", "[fe80::2]:2181"], "/x"),
            ("10.0.0.1/", ["10.0.0.1:2181"], ""), ("a,a:2181,b", ["a:2181", "b:2181"], ""),
        ]
        for (text, servers, chroot) in cases {
            let parsed = try ZooKeeperServers(parsing: text)
            #expect(parsed.servers.map(\.description) == servers, "\(text)")
            #expect(parsed.chroot == chroot, "\(text)")
            #expect(try ZooKeeperServers(parsing: parsed.description) == parsed)
        }
    }

    @Test func whatIsWrongIsSaid() {
        let cases: [(String, String)] = [
            ("", "a server is missing"), ("a,,b", "a server is missing"),
            ("/kafka", "a server is missing"), ("a:0", "the port is not a number"),
            ("a:99999/x", "the port is not a number"), ("a:x", "the port is not a number"),
            ("[::1:2181", "the bracket is not closed"), ("::1", "an IPv6 address needs brackets"),
            ("zk:2181/a/", "has an empty name"), ("zk:2181//a", "has an empty name"),
            ("zk:2181/a/../b", "may not hold . or .."), ("dns-srv://zk.example", "scheme"),
            ("zk:2181/a\u{7}b", "does not allow"), (":2181", "the name is missing"),
        ]
        for (text, reason) in cases {
            do throws(ConnectStringFault) {
                let parsed = try ZooKeeperServers(parsing: text)
                Issue.record("\(text) was read as \(parsed)")
            } catch {
                #expect("\(error)".contains(reason), "\(text): \(error)")
                #expect("\(error)".contains("connect string"))
                #expect(!"\(error)".unicodeScalars.contains { $0.value < 0x20 })
            }
        }
    }

    @Test func theChrootIsPutOnAndTakenOff() throws {
        let rooted = try ZooKeeperServers(parsing: "a/k/c")
        #expect(rooted.full("/") == "/k/c" && rooted.full("/x/y") == "/k/c/x/y")
        #expect(rooted.stripped("/k/c") == "/" && rooted.stripped("/k/c/x") == "/x")
        #expect(rooted.stripped("/k/cx") == nil && rooted.stripped("/other") == nil)
        let plain = try ZooKeeperServers(parsing: "a")
        #expect(plain.full("/x") == "/x" && plain.stripped("/x") == "/x" && plain.full("/") == "/")
    }

    @Test func pathsNoServerTakesAreKnownBeforehand() {
        for path in ["/", "/a", "/a/b.c", "/a/...", "/é日", "/brokers/topics/__offsets"] {
            #expect(ZnodePath.fault(path) == nil, "\(path)")
        }
        for path in ["", "a", "/a/", "//", "/a//b", "/.", "/a/..", "/a\u{0}", "/\u{1b}[2J"] {
            #expect(ZnodePath.fault(path) != nil, "\(path)")
        }
    }

    @Test func theEnsemblesOwnListIsRead() {
        let text = """
            server.1=zk1:2888:3888:participant;0.0.0.0:2181
            server.2=10.0.0.2:2888:3888;2182
            server.3=[fe80::3]:2888:3888:observer;[fe80::3]:2181
            server.4=zk4:2888:3888:participant
            server.5=zk5:2888:3888|zk5b:2888:3888;127.0.0.1:2181
            server.x=bad
            server.9=
            version=100000000
            """
        let servers = EnsembleServer.parse(configuration: Array(text.utf8))
        #expect(servers.map(\.id) == [1, 2, 3, 4, 5])
        #expect(
            servers.map { $0.client?.description ?? "-" } == [
                "zk1:2181", "10.0.0.2:2182", "[fe80::3]:2181", "-", "127.0.0.1:2181",
            ])
        #expect(servers.map(\.isObserver) == [false, false, true, false, false])
        #expect(EnsembleServer.parse(configuration: [0xff, 0xfe, 10, 61]) == [])
    }
}

@Suite struct AuthTests {
    @Test func theSecretDoesNotPrint() {
        let auth = ZooKeeperAuth.digest(user: "me", password: "hunter2")
        var dumped = "\(auth) \(String(reflecting: auth))"
        dump(auth, to: &dumped)
        // The bytes of an array would print as numbers: "h" is 104.
        #expect(!dumped.contains("hunter2") && !dumped.contains("104"))
    }
}
