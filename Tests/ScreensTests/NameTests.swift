// Names that show nothing or less than they are: seen on the screens, and reached by what is seen.

import ClusterModel
import Drawing
import ModelTesting
import Testing

@testable import Screens

@Suite struct NameTests {
    /// Odd names, how each is drawn, and what can be typed for it.
    private static let names: [(name: String, drawn: String, typed: [String])] = [
        ("", "\"\"", ["\"\""]),
        (" a", "\" a\"", ["\" a\""]),
        ("a ", "\"a \"", ["\"a \""]),
        ("  ", "\"  \"", ["\"  \""]),
        ("\"a\"", "\"\"a\"\"", ["\"\"a\"\"", "\"a\""]),
        ("or\u{200b}ders", "or·ders", ["or·ders", "or\u{200b}ders"]),
        ("x\u{a0}", "x·", ["x·"]),
        ("\u{2800}", "·", ["·"]),
        ("\u{301}b", "◌b", ["◌b", "\u{301}b"]),
        ("two words", "two words", ["two words", "\"two words\""]),
        ("plain", "plain", ["plain", "\"plain\""]),
    ]

    private func cluster() throws -> Cluster {
        var cluster = Samples.healthy
        let model = try #require(cluster.groups.first)
        for (name, _, _) in Self.names {
            var group = model
            group.id = name
            cluster.groups.append(group)
        }
        cluster.groups.sort { $0.id < $1.id }
        return cluster
    }

    @Test func oneFunctionShowsThem() {
        #expect(
            shownName("orders") == "orders" && shownName("a b") == "a b" && shownName("日本") == "日本")
        #expect(shownName("a\"") == "a\"" && shownName("\"") == "\"\"\"")
        #expect(ObjectID.group("").description == "\"\"")
        #expect(ObjectID.rack(" b").description == "rack \" b\"")
        #expect(ObjectID.member(group: "", id: "c").description == "c of \"\"")
        // What scripts read keeps its bytes.
        #expect(ObjectID.group("").name.isEmpty && ObjectID.topic(" t").name == " t")
    }

    @Test func theTableShowsThem() throws {
        var session = Session(try cluster(), width: 120, height: 40)
        session.press("O")
        let rows = session.text.split(separator: "\n")
        for (name, drawn, _) in Self.names {
            #expect(
                rows.contains {
                    $0.dropFirst().drop { $0 == " " || $0 == "▲" }.hasPrefix(drawn + "  ")
                },
                "\(name.debugDescription) as \(drawn)\n\(session.text)")
        }
    }

    @Test func theCommandReachesThem() throws {
        let cluster = try cluster()
        for (name, drawn, typed) in Self.names {
            for text in typed {
                var session = Session(cluster, width: 120, height: 40)
                session.press(":group " + text)
                session.press(.enter)
                let top = try #require(session.state.screens.last as? GroupScreen, "\(text)")
                #expect(top.group.unicodeScalars.elementsEqual(name.unicodeScalars), "\(text)")
                #expect(top.crumb == shownName(name))
                session.expect(drawn)
            }
        }
    }

    /// Two names that look alike are not taken for one another.
    @Test func whatIsNotClearIsRefused() throws {
        var cluster = try cluster()
        var twin = try #require(cluster.groups.first)
        twin.id = "or\u{200c}ders"
        cluster.groups.append(twin)
        cluster.groups.sort { $0.id < $1.id }
        var session = Session(cluster, width: 120, height: 40)
        session.press(":group or·ders")
        session.press(.enter)
        session.expect("no group or·ders is known")
    }

    @Test func completionOffersWhatIsFound() throws {
        let scene = Session(try cluster()).state.scene()
        let offered = completions("group \"", scene)
        #expect(
            offered == [
                "group \"\"", "group \"  \"", "group \" a\"", "group \"\"a\"\"", "group \"a \"",
            ])
        #expect(completions("group pla", scene) == ["group plain"])
    }
}
