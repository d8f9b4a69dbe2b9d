// Access keys of AWS as a login needs them: as the settings hold them, or as a command prints them,
// asked again before they grow old.
internal import Glibc
internal import JSON
internal import Security
internal import Settings
internal import Transport

/// Gives a key that is valid now.
final class AWSKeys: Sendable {
    /// A key that a command gave is used for so long: those of roles live for an hour or more.
    private static let usedSeconds = 300

    private let source: AWSKeySource
    private let given = Locked<(keys: AWSCredentials, at: Int)?>(nil)

    init(_ source: AWSKeySource) { self.source = source }

    func read() throws(SaslFailure) -> AWSCredentials {
        switch source {
        case .keys(let id, let secret, let token):
            return AWSCredentials(
                keyID: id, secret: secret.reveal(), sessionToken: token?.reveal())
        case .process(let command):
            let now = Int(time(nil))
            if let last = given.withLock({ $0 }), now - last.at < Self.usedSeconds {
                return last.keys
            }
            let keys = try Self.ask(command)
            given.withLock { $0 = (keys, now) }
            return keys
        }
    }

    /// What `credential_process` prints (AWS's documentation, "Sourcing credentials with an
    /// external process"): version 1, AccessKeyId, SecretAccessKey, SessionToken.
    private static func ask(_ command: String) throws(SaslFailure) -> AWSCredentials {
        do throws(CommandFailure) {
            let printed = try outputOf(command)
            guard let document = try? JSONValue(parsing: printed),
                document["Version"]?.integer == 1,
                let id = document["AccessKeyId"]?.string,
                let secret = document["SecretAccessKey"]?.string
            else { throw CommandFailure(reason: "what it printed is no access key") }
            return AWSCredentials(
                keyID: id, secret: secret, sessionToken: document["SessionToken"]?.string)
        } catch {
            throw SaslFailure("credential_process gave no access key: \(error.reason)")
        }
    }
}
