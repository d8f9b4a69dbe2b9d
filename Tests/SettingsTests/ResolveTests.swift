// Precedence, dialects, faults and secrets of a resolved configuration.

import Settings
import Testing

private struct Files: ConfigFiles {
    var texts: [String: String]
    func read(_ path: String) -> Result<[UInt8], FileProblem> {
        texts[path].map { .success(Array($0.utf8)) }
            ?? .failure(FileProblem(isMissing: true, description: "\(path): not there"))
    }
    func list(_ folder: String) -> [String] {
        texts.keys.filter { $0.hasPrefix(folder + "/") }
            .map { String($0.dropFirst(folder.count + 1)) }.sorted()
    }
}

private let home = "/h/.config/highwater/contexts/"

private func resolve(
    _ files: [String: String] = [:], env: [String: String] = [:],
    _ edit: (inout Choices) -> Void = { _ in }
) throws(ConfigurationError) -> Configuration {
    var choices = Choices()
    edit(&choices)
    var environment = env
    environment["HOME"] = "/h"
    return try resolveConfiguration(
        choices, environment: environment, files: Files(texts: files))
}

private func faults(
    _ files: [String: String] = [:], env: [String: String] = [:],
    _ edit: (inout Choices) -> Void = { _ in }
) -> [String] {
    do throws(ConfigurationError) {
        _ = try resolve(files, env: env, edit)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

@Suite struct ResolveTests {
    @Test func followsPrecedence() throws {
        let files = [
            "c.properties": "bootstrap.servers=file:1\nclient.id=file\nrequest.timeout.ms=7",
            home + "prod.properties":
                "bootstrap.servers=context:1\nclient.id=context\nhighwater.theme=mono",
        ]
        let all = try resolve(
            files, env: ["HIGHWATER_THEME": "light", "HIGHWATER_CONTEXT": "prod"]
        ) {
            $0.commandConfig = "c.properties"
            $0.bootstrapServers = "option:1"
        }
        #expect(all.connection.bootstrap.map(\.description) == ["option:1"])
        #expect(all.connection.clientID == "context")
        #expect(all.connection.requestTimeout == .milliseconds(7))
        #expect(all.connection.connectTimeout == nil && all.connection.idleTimeout == nil)
        #expect(all.preferences.theme == "light")
        #expect(all.contextName == "prod")
        #expect(all.origins["client.id"] == home + "prod.properties:2")

        let variable = ["HIGHWATER_BOOTSTRAP_SERVERS": "env:1", "KAFKA_BOOTSTRAP_SERVERS": "k:1"]
        #expect(try resolve(env: variable).connection.bootstrap[0].host == "env")
        #expect(
            try resolve(files, env: variable.merging(["HIGHWATER_CONTEXT": "prod"]) { $1 })
                .connection.bootstrap[0].host == "env")
        let named = try resolve(files, env: variable) { $0.context = "prod" }
        #expect(named.connection.bootstrap[0].host == "context")
        #expect(named.notes.contains { $0.file == "$HIGHWATER_BOOTSTRAP_SERVERS" })
    }

    @Test func readsBothDialects() throws {
        let found = try resolve([
            "c": """
            metadata.broker.list = a:1,b:2
            security.protocol=sasl_ssl
            sasl.mechanisms=scram-sha-512
            sasl.username=me
            sasl.password=hunter2
            ssl.ca.location=/ca.pem
            ssl.endpoint.identification.algorithm=
            acks=all
            """
        ]) { $0.commandConfig = "c" }.connection
        #expect(found.bootstrap.count == 2)
        #expect(found.securityProtocol == .saslSSL)
        #expect(
            found.sasl
                == .scram(
                    isSHA512: true, username: "me", password: Secret("hunter2"), isToken: false))
        #expect(found.tls.trustStoreLocation == "/ca.pem")
        #expect(!found.tls.checksHostName)
        #expect(found.refusal == nil)
    }

    @Test func readsContexts() throws {
        let found = try resolve([
            "/etc/highwater/contexts/prod.properties": """
            bootstrap.servers=a
            highwater.cluster.id=abc
            highwater.read.only=true
            highwater.production=true
            highwater.color=red
            highwater.zookeeper.connect=z:2181/kafka
            highwater.refresh.ms=5000
            highwater.ascii=yes
            """
        ]) { $0.context = "prod" }
        #expect(found.connection.expectedClusterID == "abc")
        #expect(found.connection.isReadOnly)
        #expect(found.connection.isProduction)
        #expect(found.connection.zookeeper == "z:2181/kafka")
        #expect(found.contextColor == ContextColor(parsing: "red"))
        #expect(found.preferences == Preferences(refresh: .seconds(5), usesASCII: true))
    }

    @Test func readsLimits() throws {
        let found = try resolve([
            "c": "bootstrap.servers=a\nsocket.timeout.ms=1500\nconnections.max.idle.ms=60000\n"
                + "socket.connection.setup.timeout.ms=4000"
        ]) { $0.commandConfig = "c" }.connection
        #expect(found.requestTimeout == .milliseconds(1_500))
        #expect(found.connectTimeout == .seconds(4) && found.idleTimeout == .seconds(60))
        let never = try resolve(["c": "bootstrap.servers=a\nconnections.max.idle.ms=-1"]) {
            $0.commandConfig = "c"
        }
        #expect(never.connection.idleTimeout == nil)
    }

    @Test func refusesColoursAndStoresThatItDoesNotKnow() throws {
        for (text, rgb) in [("#10aBff", (16, 171, 255)), ("Blue", (32, 96, 208))] {
            let color = try #require(ContextColor(parsing: text))
            #expect((Int(color.red), Int(color.green), Int(color.blue)) == rgb)
        }
        for text in ["", "#12345", "#1234567", "#+12345", "0xff0000", "#12345g"] {
            #expect(ContextColor(parsing: text) == nil, "\(text)")
        }
        let wrong = faults([
            home + "p.properties": "bootstrap.servers=a\nhighwater.color=gren\n"
                + "ssl.truststore.type=BCFKS\nssl.keystore.type=pem"
        ]) { $0.context = "p" }
        #expect(wrong.count == 2)
        #expect(wrong[0].contains("BCFKS is a type of store that is not read"), "\(wrong)")
        #expect(wrong[1].contains("gren is no colour") && wrong[1].hasSuffix("did you mean green?"))
    }

    @Test func followsAPointerToClientProperties() throws {
        let found = try resolve([
            home + "p.properties": "highwater.command.config=~/client.properties",
            "/h/client.properties": "bootstrap.servers=x",
        ]) { $0.context = "p" }
        #expect(found.connection.bootstrap[0].host == "x")
    }

    @Test func saysWhatIsWrong() {
        #expect(faults()[0].contains("no cluster named"))
        #expect(
            faults([home + "prod.properties": "", home + "test.properties": ""]) {
                $0.context = "prd"
            }[0].hasSuffix(": did you mean prod?"))
        #expect(faults { $0.context = "../x" } == ["--context: ../x is not a context's name"])
        #expect(
            faults { $0.commandConfig = "none" } == ["--command-config: none: not there"])
        #expect(
            faults([
                "c": "bootstrap.servers=a:x\nsecurity.protocol=SLL\nhighwater.readonly=1\n"
                    + "request.timeout.ms=soon\nhighwater.mouse=maybe\nclient.id=${env:X}"
            ]) { $0.commandConfig = "c" } == [
                "c:3:1: highwater.readonly: unknown key: did you mean highwater.read.only?",
                "c:1:1: bootstrap.servers: \"a:x\": the port must be a number from 1 to 65535",
                "c:2:1: security.protocol: SLL is not one of PLAINTEXT, SSL, SASL_PLAINTEXT, "
                    + "SASL_SSL: did you mean SSL?",
                "c:6:1: client.id: ${env:X}: there is no such variable",
                "c:4:1: request.timeout.ms: soon is not a number of milliseconds from 1 to 3600000",
                "c:5:1: highwater.mouse: maybe is neither true nor false",
            ])
        #expect(faults(env: ["HIGHWATER_BOOTSTRAP_SERVERS": "a:b"])[0].hasPrefix("$HIGHWATER_B"))
    }

    @Test func hintsAtMisspeltKeysWithoutRefusing() throws {
        let found = try resolve(["c": "bootstrap.servers=a\nclient.ids=x\nlinger.ms=5"]) {
            $0.commandConfig = "c"
        }
        #expect(
            found.notes.map(\.description) == [
                "c:2:1: client.ids: not used: did you mean client.id?"
            ])
    }

    @Test func preferencesKnowTheTerminal() throws {
        #expect(Preferences().themeName(environment: [:]) == "dark")
        #expect(Preferences().themeName(environment: ["COLORFGBG": "0;15"]) == "light")
        #expect(Preferences(usesColor: false).themeName(environment: [:]) == "mono")
        #expect(
            try !resolve(env: ["NO_COLOR": "1", "KAFKA_BOOTSTRAP_SERVERS": "a"])
                .preferences.usesColor)
        #expect(
            try resolve(env: ["NO_COLOR": "", "KAFKA_BOOTSTRAP_SERVERS": "a"]).preferences.usesColor
        )
        let refreshed = try resolve {
            $0.bootstrapServers = "a"
            $0.refresh = .milliseconds(1500)
        }
        #expect(refreshed.preferences.refresh == .milliseconds(1500))
    }

    /// Every type that carries settings, however it is printed.
    @Test func secretsDoNotPrint() throws {
        let file = """
            bootstrap.servers=a
            security.protocol=SASL_SSL
            sasl.mechanism=PLAIN
            sasl.jaas.config=PlainLoginModule required username="u" password="hunter2";
            sasl.password=hunter2
            ssl.truststore.password=hunter2
            ssl.keystore.password=hunter2
            ssl.keystore.key=hunter2
            ssl.key.password=hunter2
            """
        let found = try resolve(["c": file]) { $0.commandConfig = "c" }
        let read = Properties(text: file, file: "c")
        var dumped = ""
        dump(found, to: &dumped)
        dump(read.entries, to: &dumped)
        let printed = [
            "\(found)", "\(found.connection)", "\(found.connection.tls)", dumped,
            "\(String(describing: found.connection.sasl))", String(reflecting: found),
            "\(Secret("hunter2"))",
            String(reflecting: Secret("hunter2")), "\(read.entries)",
            String(reflecting: read.entries), "\(read)",
        ]
        for text in printed {
            #expect(!text.contains("hunter2"))
        }
        #expect(printed[2].contains("<redacted>"))
    }
}
