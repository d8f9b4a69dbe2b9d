// What every screen shows of a healthy and of an ill simulated cluster, at four sizes, characters
// only. UPDATE_GOLDEN=1 rewrites. Roles are held by the golden frames of ScreensTests.
import ClusterModel
import Drawing
import GoldenFiles
import Screens
import Session
import SimulatedCluster
import Testing

@Suite struct GoldenTests {
    private static let sizes = [(40, 12), (80, 24), (120, 40), (200, 60)]

    /// Every screen by the keys that lead there.
    private static let screens: [(name: String, keys: String)] = [
        ("overview", "0"), ("throughput", "T"), ("brokers", "B"), ("topics", "N"),
        ("partitions", "P"), ("replicas", "R"), ("groups", "O"), ("volumes", "8"),
        ("wrong", "W"), ("coordinator", "K"), ("events", "V"), ("under-replicated", "4"),
        ("help", "P?"),
    ]
    private static let details = [
        ("partition", "partition orders.created-0"), ("group", "group "),
        ("broker", "broker 2"), ("topic", "topic orders.created"),
    ]
    /// Screens that the list above does not name; they come last, so that the frames before stay.
    private static let newer = screenEntries.filter { entry in
        entry.key != nil && !screens.contains { $0.name == entry.name }
    }

    private static func session(isIll: Bool) -> DrivenSession {
        var shape = smallShape(seed: isIll ? 21 : 20)
        shape.storyAtSeconds = 1e9
        var options = SessionOptions()
        options.firstRefreshSeconds = 8
        options.isWatching = false
        let session = DrivenSession(shape, options)
        session.run(until: 220)
        session.setRefresh(seconds: 2)
        session.watch()
        session.run(seconds: 8)
        guard isIll else { return session }
        // One dead, one frozen, one group stuck.
        session.network.change { machine in
            machine.startFaults(.stuckConsumer)
            machine.apply(.kill, to: 2)
        }
        session.run(seconds: 45)
        session.network.change { $0.apply(.freeze, to: 5) }
        session.run(seconds: 7)
        return session
    }

    /// All frames of one cluster by file name.
    private static func frames(isIll: Bool) -> [String: String] {
        let session = session(isIll: isIll)
        defer { session.end() }
        let group = session.cluster.groups.first?.id ?? ""
        var files: [String: String] = [:]
        func add(_ name: String) {
            for (width, height) in sizes {
                session.resize(width: width, height: height)
                let file = "\(isIll ? "ill" : "well")-\(width)x\(height).txt"
                files[file, default: ""] += "=== \(name)\n\(session.text)\n"
            }
        }
        session.resize(width: 120, height: 40)
        for screen in screens {
            session.press(screen.keys)
            session.run(seconds: 2)
            add(screen.name)
            if screen.name == "help" { session.press(.escape) }
        }
        for (name, command) in details {
            session.go(name == "group" ? command + group : command)
            session.run(seconds: 2)
            add(name)
        }
        for entry in newer {
            session.go(entry.name)
            session.run(seconds: 2)
            add(entry.name)
        }
        session.go("drain 1")
        session.run(seconds: 3)
        add("plan")
        return files
    }

    @Test(arguments: [false, true])
    func everyScreenAtFourSizes(isIll: Bool) throws {
        let frames = Self.frames(isIll: isIll)
        #expect(frames.count == Self.sizes.count)
        for (name, drawn) in frames {
            for entry in screenEntries {
                #expect(drawn.contains("=== \(entry.name)\n"), "\(entry.name) is not in \(name)")
            }
        }
        let found = try GoldenFolder("ScenarioTests/Golden").differences(frames) {
            $0.hasPrefix("ill-") == isIll
        }
        for difference in found { Issue.record("\(difference)") }
    }
}
