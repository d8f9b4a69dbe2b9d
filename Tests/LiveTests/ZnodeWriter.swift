// Writes to a real ensemble as a person with a shell would: what old tools did, and what must not
// happen.
import Foundation
import Transport
import TransportTesting
import ZooKeeperClient

/// A session of its own that changes znodes. Each call waits for its answer.
final class ZnodeWriter {
    private let loop: Loop
    private let session: LoopBound<ZooKeeperSession>

    init(_ cluster: KafkaCluster) throws {
        loop = Loop(try EpollSystem())
        guard loop.start() else { throw HarnessError("no thread for the loop") }
        let servers = cluster.zooKeeperPorts.map { Endpoint(host: "127.0.0.1", port: $0) }
        let config = ZooKeeperConfig(servers: ZooKeeperServers(servers: servers, chroot: "/kafka"))
        session = LoopBound(loop) { [loop] in ZooKeeperSession(loop: loop, config: config) }
    }

    func end() {
        loop.post { [session] in session.value.close() }
        loop.stop()
        loop.waitUntilEnded()
    }

    func get(_ path: String) throws -> String {
        try ask { session, done in
            session.get(path) { result in
                done(result.map { String(decoding: $0.data, as: UTF8.self) })
            }
        }
    }

    func exists(_ path: String) throws -> Bool {
        try ask { session, done in
            session.exists(path) { result in done(result.map { $0.stat != nil }) }
        }
    }

    func create(_ path: String, _ data: String = "") throws {
        let request = CreateRequest(path: "/kafka" + path, data: Array(data.utf8))
        _ = try ask { session, done in
            session.send(request, action: "create \(path)") { result in
                done(result.map { _ in true })
            }
        }
    }

    func set(_ path: String, _ data: String) throws {
        let request = SetDataRequest(path: "/kafka" + path, data: Array(data.utf8))
        _ = try ask { session, done in
            session.send(request, action: "set \(path)") { result in done(result.map { _ in true })
            }
        }
    }

    func delete(_ path: String) throws {
        let request = DeleteRequest(path: "/kafka" + path)
        _ = try ask { session, done in
            session.send(request, action: "delete \(path)") { result in
                done(result.map { _ in true })
            }
        }
    }

    private typealias Done<Value> = (Result<Value, ZooKeeperError>) -> Void

    private func ask<Value: Sendable>(
        _ question: @escaping @Sendable (ZooKeeperSession, @escaping Done<Value>) -> Void
    ) throws -> Value {
        let answer = Locked<Result<Value, ZooKeeperError>?>(nil)
        loop.post { [session] in
            question(session.value) { result in
                answer.withLock { $0 = result }
                answer.signal()
            }
        }
        return try answer.waitUntil { $0 }.get()
    }
}
