// What is in maintenance, as it is kept: written by several consoles, cut short, by hostile hands.

import ClusterModel
import Foundation
import Testing

@testable import Operations

@Suite struct MaintenanceStoreTests {
    private func entry(_ object: ObjectID, hours: Int64 = 1, note: String = "") -> Maintenance.Entry
    {
        Maintenance.Entry(
            object, by: "ann", since: WallTime(ms: 1_000),
            until: WallTime(ms: 1_000 + hours * 3_600_000),
            note: note)
    }

    private let hostile = "or\nders\u{202e} \"x\" \\"

    @Test func objectsOfEveryKindComeBack() throws {
        let folder = Folder()
        let key = try #require(PartitionKey(parsing: "orders-7"))
        let objects: [ObjectID] = [
            .broker(BrokerID(3)), .rack(hostile), .topic(hostile), .partition(key),
            .group(hostile), .server("zk-1:2181"), .volume(BrokerID(2), path: "/a b/\(hostile)"),
        ]
        for store in [MaintenanceStore.folder(folder.path), .inMemory()] {
            for object in objects { try store.set(entry(object, note: hostile), "id/../x") }
            #expect(store.read("id/../x").entries == objects.map { entry($0, note: hostile) })
            #expect(store.read("other").isEmpty)
            try store.lift(objects[0], "id/../x", at: WallTime(ms: 5_000))
            #expect(store.read("id/../x").entries.map(\.object) == Array(objects.dropFirst()))
            try store.set(entry(objects[1], hours: 2), "id/../x")
            let again = store.read("id/../x").entry(of: objects[1])
            #expect(again == entry(objects[1], hours: 2))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/../x"))
    }

    /// Each of several consoles sees what the others say, and no word is lost.
    @Test func consolesShareOneFile() async throws {
        let folder = Folder()
        let path = folder.path
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let store = MaintenanceStore.folder(path)
                    for number in 0..<10 {
                        let id = BrokerID(Int32(writer * 10 + number))
                        try? store.set(entry(.broker(id)), "c")
                    }
                }
            }
        }
        let reader = MaintenanceStore.folder(folder.path)
        #expect(reader.read("c").entries.count == 40)
        try MaintenanceStore.folder(folder.path).lift(
            .broker(BrokerID(7)), "c", at: WallTime(ms: 9))
        #expect(reader.read("c").entries.count == 39)
    }

    @Test func whatCannotBeReadIsPassedOver() throws {
        let folder = Folder()
        let store = MaintenanceStore.folder(folder.path)
        try store.set(entry(.broker(BrokerID(1))), "c")
        try store.set(entry(.broker(BrokerID(2))), "c")
        let path = MaintenanceStore.path(folder: folder.path, clusterID: "c")
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let first = try #require(whole.firstIndex(of: 10)) + 1
        // Cut short at any byte, the first word stands, and what is added is read.
        for length in stride(from: first, to: whole.count, by: 7) {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            let torn = MaintenanceStore.folder(folder.path)
            #expect(torn.read("c").entries.map(\.object) == [.broker(BrokerID(1))])
            try torn.set(entry(.broker(BrokerID(3))), "c")
            #expect(
                torn.read("c").entries.map(\.object) == [
                    .broker(BrokerID(1)), .broker(BrokerID(3)),
                ])
        }
        let lines = [
            "[]", "{}", "{\"object\":{\"kind\":\"broker\",\"name\":\"x\"}}", "\u{0}",
            "{\"object\":{\"kind\":\"rack\",\"name\":\"a\"},\"since_ms\":0,\"until_ms\":"
                + "9223372036854775807}",
            "{\"object\":{\"kind\":\"rack\",\"name\":\"a\"},\"since_ms\":-9223372036854775807,"
                + "\"until_ms\":9223372036854775807}",
            String(repeating: "[", count: 5_000),
        ]
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        #expect(MaintenanceStore.folder(folder.path).read("c").isEmpty)
    }

    @Test func withoutAPlaceItSaysSo() throws {
        let store = MaintenanceStore.folder(nil)
        #expect(store.read("c").isEmpty)
        #expect(throws: JournalError.self) { try store.set(entry(.broker(BrokerID(1))), "c") }
        // A link in its place is not followed.
        let folder = Folder()
        let path = MaintenanceStore.path(folder: folder.path, clusterID: "c")
        let parent = path.dropLast("/maintenance.ndjson".count)
        try FileManager.default.createDirectory(
            atPath: String(parent), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: folder.path + "/elsewhere")
        #expect(throws: JournalError.self) {
            try MaintenanceStore.folder(folder.path).set(entry(.broker(BrokerID(1))), "c")
        }
    }
}
