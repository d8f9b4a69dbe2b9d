// How the ensemble is reached: the brokers' own keys, ZooKeeper's spelling of them, and ours.
import Settings
import Testing

private struct OneFile: ConfigFiles {
    var text: String
    func read(_ path: String) -> Result<[UInt8], FileProblem> { .success(Array(text.utf8)) }
    func list(_ folder: String) -> [String] { [] }
}

private func resolve(_ text: String) throws(ConfigurationError) -> Configuration {
    var choices = Choices()
    choices.bootstrapServers = "b:1"
    choices.commandConfig = "c"
    return try resolveConfiguration(choices, environment: [:], files: OneFile(text: text))
}

private func faults(_ text: String) -> [String] {
    do throws(ConfigurationError) {
        _ = try resolve(text)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

@Suite struct ZooKeeperSecurityTests {
    @Test func readsTheBrokersKeys() throws {
        for (trust, key) in [("truststore", "keystore"), ("trustStore", "keyStore")] {
            let found = try resolve(
                """
                zookeeper.ssl.client.enable=true
                zookeeper.ssl.\(trust).location=/t.jks
                zookeeper.ssl.\(trust).type=jks
                zookeeper.ssl.\(trust).password=hunter2
                zookeeper.ssl.\(key).location=/k.p12
                zookeeper.ssl.\(key).password=hunter3
                zookeeper.ssl.endpoint.identification.algorithm=
                highwater.zookeeper.auth=me:hunter4
                highwater.zookeeper.sasl.username=kafka
                highwater.zookeeper.sasl.password=hunter5
                ssl.truststore.location=/other
                """)
            let security = found.connection.zookeeperSecurity
            let tls = try #require(security.tls)
            #expect(tls.trustStoreLocation == "/t.jks" && tls.trustStoreType == "JKS")
            #expect(tls.trustStorePassword?.reveal() == "hunter2")
            #expect(tls.keyStoreLocation == "/k.p12")
            #expect(tls.keyStorePassword?.reveal() == "hunter3")
            #expect(!tls.checksHostName && tls.checksCertificate)
            #expect(security.auth?.reveal() == "me:hunter4")
            #expect(security.saslUsername == "kafka")
            #expect(security.saslPassword?.reveal() == "hunter5")
            #expect(found.notes.isEmpty)
            var dumped = ""
            dump(found, to: &dumped)
            #expect(!("\(found)" + String(reflecting: found) + dumped).contains("hunter"))
        }
    }

    @Test func isPlainUnlessSaid() throws {
        #expect(try resolve("").connection.zookeeperSecurity == ZooKeeperSecurity())
        let off = try resolve("zookeeper.ssl.truststore.location=/t\n")
        #expect(off.connection.zookeeperSecurity.tls == nil)
        #expect(off.notes.map(\.description).joined().contains("client.enable is not set to true"))
        let plain = try resolve("zookeeper.client.secure=true\n").connection.zookeeperSecurity
        #expect(plain.tls?.checksHostName == true && plain.tls?.trustStoreLocation == nil)
    }

    @Test func saysWhatIsWrong() {
        #expect(
            faults("highwater.zookeeper.auth=hunter2")
                == ["c:1:1: highwater.zookeeper.auth: must be USER:PASSWORD"])
        #expect(
            faults("highwater.zookeeper.sasl.username=x") == [
                "c:1:1: highwater.zookeeper.sasl.username: needs "
                    + "highwater.zookeeper.sasl.password too"
            ])
        #expect(faults("highwater.zookeeper.sasl.pasword=x")[0].contains("did you mean"))
        #expect(faults("zookeeper.ssl.client.enable=maybe").count == 1)
    }
}
