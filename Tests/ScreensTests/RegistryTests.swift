// What a screen, a key and a command are is said once: everything else is read off it.

import ClusterModel
import Drawing
import Foundation
import ModelTesting
import Testing

@testable import Screens

@Suite struct Registry {
    @Test func everyScreenHasAnEntryOfItsOwn() {
        var names: Set<String> = []
        var keys: Set<Unicode.Scalar> = []
        for entry in screenEntries {
            #expect(!entry.title.isEmpty && !entry.help.isEmpty, "\(entry.name)")
            for name in [entry.name] + entry.aliases {
                #expect(names.insert(name).inserted, "two screens are called \(name)")
            }
            if let key = entry.key {
                #expect(keys.insert(key).inserted, "two screens are at \(key)")
            }
        }
        var commands: Set<String> = []
        for command in Command.all {
            #expect(!command.help.isEmpty)
            #expect(displayWidth(of: command.help) <= 70, "cut in help: \(command.help)")
            for name in [command.name] + command.aliases {
                #expect(commands.insert(name).inserted, "two commands are called \(name)")
            }
        }
    }

    @Test("a key means one thing on a screen, and help has all of them") func helpIsComplete() {
        for screen in allScreens + overlays {
            var seen: Set<Key> = []
            let own = screen.bindings.flatMap(\.keys)
            for key in own {
                #expect(seen.insert(key).inserted, "\(key) means two things on \(screen)")
            }
            seen = []
            for binding in Keymap.bindings(on: screen).dropFirst(screen.bindings.count) {
                for key in binding.keys {
                    #expect(seen.insert(key).inserted, "\(key) means two things on \(screen)")
                }
            }
            for binding in Keymap.bindings(on: screen) {
                #expect(!binding.help.isEmpty && !binding.title.isEmpty)
                #expect(displayWidth(of: binding.help) <= 65, "cut at 80 columns: \(binding.help)")
            }
        }
        var session = Session(Samples.ill, width: 120, height: 200)
        session.press("P?")
        for binding in Keymap.bindings(on: PartitionsScreen.self) { session.expect(binding.help) }
        for command in Command.all { session.expect(command.usage) }
    }

    /// A screen of every kind about something of the cluster, with the keys that lead there.
    private func sessions(_ cluster: Cluster) -> [Session] {
        let topic = cluster.topics.first?.name ?? "none"
        return Command.all.filter { command in
            screenEntries.contains { $0.name == command.name }
        }.map { command in
            var session = Session(cluster, width: 120, height: 40)
            let argument: String? =
                switch command.argument?.noun {
                case nil: ""
                case "topic or broker"?, "context"?: ""
                case "topic"?: command.argument?.isOptional == true ? "" : topic
                case "partition"?: topic + "-0"
                case "group"?: cluster.groups.first?.id ?? "none"
                default: nil
                }
            guard let argument else {
                Issue.record("this test knows no \(command.usage)")
                return session
            }
            session.press(":\(command.name) \(argument)")
            session.press(.enter)
            return session
        }
    }

    @Test("a key that cannot act here says why and does nothing else", arguments: [true, false])
    func reasonsAreShown(isEmpty: Bool) {
        var refused = 0
        for start in sessions(isEmpty ? Samples.empty : Samples.ill) {
            // What the cluster does not have leaves the prompt open.
            guard start.state.prompt == nil, let top = start.state.screens.last else { continue }
            let kind = type(of: top)
            let scene = start.state.scene()
            let held = Keymap.bindings(on: kind)
            for binding in Keymap.all {
                for key in binding.keys {
                    let found = held.first { $0.keys.contains(key) }
                    let why =
                        found.map { $0.why?(scene, top.row(scene)) }
                        ?? Keymap.reason(key, on: kind)
                    guard let why else { continue }
                    var session = start
                    _ = session.drainEffects()
                    session.press(key)
                    refused += 1
                    #expect(session.drainEffects().isEmpty, "\(key) on \(kind)")
                    #expect(session.state.notice?.text.hasSuffix(why) == true, "\(key) on \(kind)")
                    session.state.notice = nil
                    var untouched = start
                    untouched.state.notice = nil
                    #expect(session.text == untouched.text, "\(key) on \(kind) did something")
                }
            }
        }
        #expect(refused > 50)
    }

    @Test func commandsCompleteFromTheirEntries() {
        let scene = Session(Samples.ill).state.scene()
        #expect(completions("", scene).count == Command.all.count)
        for command in Command.all {
            let offered = completions(String(command.name.dropLast()), scene)
            #expect(offered.contains { $0.hasPrefix(command.name) }, "\(command.name)")
            guard let argument = command.argument, !argument.isOptional else { continue }
            #expect(!completions(command.name + " ", scene).isEmpty, "\(command.usage)")
        }
    }

    /// Between the marks stands what the bindings say; UPDATE_GOLDEN=1 rewrites it.
    @Test func theReadmeHasTheKeysOfTheBindings() throws {
        try compareReadme("keys: from the bindings", "end of keys", Self.keyTable())
    }

    /// The same of the limits of rules.
    @Test func theReadmeHasTheLimits() throws {
        var table = "| key | by itself | allowed | what it decides | source |\n"
        table += "| --- | --- | --- | --- | --- |\n"
        for threshold in Threshold.allCases {
            let entry = threshold.entry
            table += "| `\(threshold.key)` | \(threshold.text(entry.standard)) | "
            table += "\(threshold.allowedText) | \(entry.meaning) | \(entry.source) |\n"
        }
        try compareReadme("limits: from the rules", "end of limits", table)
    }

    private func compareReadme(_ from: String, _ to: String, _ wanted: String) throws {
        let path =
            String(#filePath.prefix { _ in true }).split(separator: "/").dropLast(3)
            .reduce("") { $0 + "/" + $1 } + "/README.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let first = try #require(text.firstRange(of: "<!-- \(from) -->\n"))
        let last = try #require(text.firstRange(of: "<!-- \(to) -->\n"))
        if getenv("UPDATE_GOLDEN") != nil {
            let whole = text[..<first.upperBound] + wanted + text[last.lowerBound...]
            try String(whole).write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        #expect(text[first.upperBound..<last.lowerBound] == wanted)
    }

    /// The shared keys by area, then those of single screens.
    private static func keyTable() -> String {
        func line(_ title: String, _ bindings: [Binding]) -> String {
            let parts = bindings.map { "`\($0.label)` \($0.title)" }
            return "| \(title) | \(parts.joined(separator: " · ")) |\n"
        }
        var table = "| where | key |\n| --- | --- |\n"
        for area in HelpScreen.areas {
            table += line(area, Keymap.shared.filter { $0.area == area })
        }
        for screen in allScreens where !screen.bindings.isEmpty {
            table += line("on \(screen.entry.name)", screen.bindings)
        }
        return table
    }
}
