// The login that settings ask for: JAAS lines as Java reads them, librdkafka's keys, references to
// where a secret stands, and what is wrong, said without the secret.
import Testing

@testable import Settings

private struct Files: ConfigFiles {
    var texts: [String: String]
    var open: Set<String> = []
    func read(_ path: String) -> Result<[UInt8], FileProblem> {
        texts[path].map { .success(Array($0.utf8)) }
            ?? .failure(FileProblem(isMissing: true, description: "\(path): not there"))
    }
    func list(_ folder: String) -> [String] { [] }
    func isReadByOthers(_ path: String) -> Bool { open.contains(path) }
}

private let module = "org.apache.kafka.common.security"

private func resolve(
    _ lines: String, files: [String: String] = [:], env: [String: String] = [:],
    open: Set<String> = []
) throws(ConfigurationError) -> Configuration {
    var choices = Choices()
    choices.commandConfig = "c"
    let text = "bootstrap.servers=a\nsecurity.protocol=SASL_SSL\n" + lines
    let all = files.merging(["c": text]) { $1 }
    return try resolveConfiguration(
        choices, environment: env, files: Files(texts: all, open: open))
}

private func login(
    _ lines: String, files: [String: String] = [:], env: [String: String] = [:]
) throws -> SASLLogin? {
    try resolve(lines, files: files, env: env).connection.sasl
}

private func faults(_ lines: String) -> String {
    do throws(ConfigurationError) {
        return "no fault: \(try resolve(lines).connection)"
    } catch {
        return error.description
    }
}

struct SaslSettingsTests {
    @Test func jaasLinesAreReadAsJavaReadsThem() throws {
        let cases: [(String, String, String)] = [
            (#"username="alice" password="secret";"#, "alice", "secret"),
            ("username=alice password='se\"cret' ;", "alice", "se\"cret"),
            (
                #"username = "al\\"ice" password="a\\\\b\\tc" serviceName="x";"#, "al\"ice",
                "a\\b\tc"
            ),
            (#"password="a;b=c" username="x y";"#, "x y", "a;b=c"),
            (#"username="${env:WHO}" password="${file:/s.properties:p}";"#, "me", "from file"),
        ]
        for (options, username, password) in cases {
            let line =
                "sasl.mechanism=PLAIN\nsasl.jaas.config=\(module).plain.PlainLoginModule required "
                + options
            let found = try login(
                line, files: ["/s.properties": "p=from file\n"], env: ["WHO": "me"])
            #expect(
                found == .plain(username: username, password: Secret(password)), "\(options)")
        }
        let scram =
            "sasl.mechanism=scram-sha-256\nsasl.jaas.config=\(module).scram.ScramLoginModule "
            + "required username=\"id\" password=\"hmac\" tokenauth=\"true\";"
        #expect(
            try login(scram)
                == .scram(
                    isSHA512: false, username: "id", password: Secret("hmac"), isToken: true))
    }

    @Test func librdkafkasKeysAndVariables() throws {
        #expect(
            try login("sasl.mechanisms=SCRAM-SHA-512\nsasl.username=u\nsasl.password=p")
                == .scram(isSHA512: true, username: "u", password: Secret("p"), isToken: false))
        let environment = [
            "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "u",
            "KAFKA_SASL_PASSWORD": "p",
        ]
        let found = try resolve("", env: environment)
        #expect(found.connection.sasl == .plain(username: "u", password: Secret("p")))
        #expect(found.secretVariables.contains("KAFKA_SASL_PASSWORD"))
        // A mechanism that the login module alone tells.
        #expect(
            try login("sasl.jaas.config=PlainLoginModule required username=u password=p;")
                == .plain(username: "u", password: Secret("p")))
        // Without SASL none of it counts.
        var choices = Choices()
        choices.bootstrapServers = "a"
        let plain = try resolveConfiguration(
            choices, environment: environment, files: Files(texts: [:]))
        #expect(plain.connection.sasl == nil)
    }

    @Test func aPasswordMayStandElsewhere() throws {
        let command = try resolve(
            "sasl.mechanism=PLAIN\nsasl.username=u\nhighwater.password.command=pass kafka")
        #expect(command.connection.sasl?.needsPassword == true)
        #expect(command.connection.passwordCommand == "pass kafka")
        #expect(
            command.connection.sasl?.with(password: Secret("p"))
                == .plain(username: "u", password: Secret("p")))
        let folder = "sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=${dir:/run/s:kafka}"
        #expect(
            try login(folder, files: ["/run/s/kafka": "p q\r\n"])
                == .plain(username: "u", password: Secret("p q")))
        let variable = try resolve(
            "sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=${env:SECRET}",
            env: ["SECRET": "p"])
        #expect(variable.secretVariables.contains("SECRET"))
    }

    @Test func tokens() throws {
        let bearer = "sasl.mechanism=OAUTHBEARER\n"
        #expect(
            try login(
                bearer + "sasl.oauthbearer.token.endpoint.url=file:///run/token\n"
                    + "sasl.oauthbearer.extensions=logicalCluster=lkc-1, identityPoolId=p")
                == .bearer(
                    .file("/run/token"),
                    extensions: [
                        .init(name: "identityPoolId", value: "p"),
                        .init(name: "logicalCluster", value: "lkc-1"),
                    ]))
        let jaas =
            "sasl.jaas.config=\(module).oauthbearer.OAuthBearerLoginModule required "
            + "unsecuredLoginStringClaim_sub=\"admin\" unsecuredLoginNumberClaim_n=\"1.5\" "
            + "unsecuredLoginListClaim_scope=\",a,b\" unsecuredLoginLifetimeSeconds=\"60\" "
            + "unsecuredLoginStringClaim_x=\"y\" extension_e=\"v\";"
        var claims = UnsecuredClaims()
        claims.principal = "admin"
        claims.lifetimeSeconds = 60
        claims.strings = [.init(name: "x", value: "y")]
        claims.numbers = [.init(name: "n", value: "1.5")]
        claims.lists = [("scope", ["a", "b"])]
        #expect(
            try login(bearer + jaas)
                == .bearer(.unsecured(claims), extensions: [.init(name: "e", value: "v")]))
        // Kafka's own handler does what is done here.
        let handler =
            "\nsasl.login.callback.handler.class=\(module).oauthbearer.secured."
            + "OAuthBearerLoginCallbackHandler"
        #expect(try resolve(bearer + jaas + handler).connection.refusal == nil)
        let other = "\nsasl.login.callback.handler.class=com.example.Handler"
        #expect(
            try resolve(bearer + jaas + other).connection.refusal?.contains("loads Java code")
                == true)
    }

    @Test func accessKeysOfAWS() throws {
        let jaas =
            "sasl.mechanism=AWS_MSK_IAM\nsasl.client.callback.handler.class="
            + "software.amazon.msk.auth.iam.IAMClientCallbackHandler\n"
            + "sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required"
        let keys = ["AWS_ACCESS_KEY_ID": "AKI", "AWS_SECRET_ACCESS_KEY": "hunter2"]
        let found = try resolve(jaas + ";", env: keys.merging(["AWS_REGION": "eu-west-1"]) { $1 })
        #expect(found.connection.refusal == nil)
        #expect(found.secretVariables.contains("AWS_SECRET_ACCESS_KEY"))
        #expect(
            found.connection.sasl
                == .mskIAM(
                    .keys(id: "AKI", secret: Secret("hunter2"), sessionToken: nil),
                    region: "eu-west-1"))
        let files = [
            "/h/.aws/credentials": """
            # keys
            [default]
            aws_access_key_id = DEF
            aws_secret_access_key=s1
            [prod]
            aws_access_key_id=PRO
            aws_secret_access_key=s2
            aws_session_token=t2
            """,
            "/h/.aws/config": """
            [profile prod]
            region = eu-central-1
            s3 =
              aws_access_key_id = NESTED
            [ profile  tool ]
            credential_process = give --key
            [profile sso]
            sso_session = x
            """,
        ]
        let home = ["HOME": "/h"]
        func source(_ options: String, _ env: [String: String] = [:]) throws -> SASLLogin? {
            try login(
                jaas + options + ";", files: files, env: home.merging(env) { $1 })
        }
        let main = AWSKeySource.keys(id: "DEF", secret: Secret("s1"), sessionToken: nil)
        let prod = AWSKeySource.keys(
            id: "PRO", secret: Secret("s2"), sessionToken: Secret("t2"))
        #expect(try source("") == .mskIAM(main, region: nil))
        #expect(try source("", ["AWS_PROFILE": "prod"]) == .mskIAM(prod, region: nil))
        // A profile that is named counts more than variables.
        #expect(try source(" awsProfileName=\"prod\"", keys) == .mskIAM(prod, region: nil))
        #expect(
            try source(" awsProfileName=tool") == .mskIAM(.process("give --key"), region: nil))
        for (options, expected) in [
            (" awsProfileName=sso", "uses sso_session, which is not followed here"),
            (" awsProfileName=none", "there is no AWS access key"),
            (" awsRoleArn=arn", "awsRoleArn is not followed here"),
        ] {
            do throws(ConfigurationError) {
                _ = try resolve(jaas + options + ";", files: files, env: home)
                Issue.record("no fault for \(options)")
            } catch {
                #expect(error.description.contains(expected), "\(error)")
            }
        }
    }

    @Test func whatIsWrongIsSaidWithoutTheSecret() {
        let plain = "sasl.mechanism=PLAIN\nsasl.jaas.config="
        let cases = [
            ("sasl.mechanism=GSSAPI", "sasl.mechanism=GSSAPI is not available in this version"),
            ("sasl.mechanism=SCRAM-SHA-521", "did you mean SCRAM-SHA-512?"),
            ("", "sasl.mechanism is not set, and Kafka takes it for GSSAPI"),
            (plain, "PLAIN needs a name"),
            (plain + "M", "must be followed by one of required"),
            (plain + "\"M\" required;", "names no login module"),
            (plain + "PlainLoginModule required username=u password=hunter2", "needs a ; at its"),
            (plain + "PlainLoginModule required username=u hunter2;", "options are key=\"value\""),
            (plain + "PlainLoginModule required username=u password=\"hunter2;", "not closed"),
            (
                plain + "PlainLoginModule required username=u password=hunter2; M required;",
                "more than one login module"
            ),
            (
                plain + "ScramLoginModule required username=u password=hunter2;",
                "ScramLoginModule does not go with PLAIN, which takes PlainLoginModule"
            ),
            ("sasl.mechanism=OAUTHBEARER", "OAUTHBEARER needs a token"),
            (
                "sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://x/token",
                "needs the client: set clientId and clientSecret in sasl.jaas.config"
            ),
            (
                "sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.client.id=u\n"
                    + "sasl.oauthbearer.client.secret=hunter2\n"
                    + "sasl.oauthbearer.token.endpoint.url=http://idp/token",
                "the client's secret would go in plaintext: write https://"
            ),
            (
                "sasl.mechanism=OAUTHBEARER\n"
                    + "sasl.oauthbearer.token.endpoint.url=https://u:hunter2@idp/token",
                "user and password do not belong into the address"
            ),
            (
                "sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=${file:/none:hunter2}",
                "/none: not there"
            ),
            (
                "sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=${vault:x}",
                "is no reference that is known"
            ),
            (
                "sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=${env:NONE}",
                "there is no such variable"
            ),
        ]
        for (lines, expected) in cases {
            let said = faults(lines)
            #expect(said.contains(expected), "\(lines): \(said)")
            #expect(!said.contains("hunter2") || lines.contains("file:"), "\(said)")
        }
    }

    @Test func aFileThatOthersReadIsWarnedOf() throws {
        let lines = "sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password="
        let found = try resolve(lines + "p", open: ["c"])
        #expect(
            found.notes.map(\.description) == [
                "c: holds a password and can be read by others: chmod 600 c"
            ])
        #expect(try resolve(lines + "p").notes.isEmpty)
        // It stands elsewhere.
        #expect(
            try resolve(lines + "${env:P}", env: ["P": "p"], open: ["c"]).notes.isEmpty)
    }
}
