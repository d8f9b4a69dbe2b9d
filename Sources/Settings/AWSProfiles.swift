// Where the access key for Amazon's managed Kafka comes from: variables, then a profile of the
// files that AWS's own tools keep (`~/.aws/credentials`, `~/.aws/config`).

/// A source of access keys. Interpolating it prints no secret.
package enum AWSKeySource: Equatable, Sendable {
    case keys(id: String, secret: Secret, sessionToken: Secret?)
    /// A command that prints a key as JSON (`credential_process`).
    case process(String)
}

/// The files and variables of AWS's tools.
struct AWSProfiles {
    var references: References

    private var environment: [String: String] { references.environment }

    /// - Parameter named: the profile that the settings name; nil: AWS_PROFILE, or "default".
    /// - Returns: the source, or why there is none.
    func source(named: String?) -> Result<AWSKeySource, Problem> {
        if named == nil, let id = environment["AWS_ACCESS_KEY_ID"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        {
            let token = environment["AWS_SESSION_TOKEN"].map { Secret($0) }
            return .success(.keys(id: id, secret: Secret(secret), sessionToken: token))
        }
        let profile = named ?? environment["AWS_PROFILE"] ?? "default"
        let home = environment["HOME"] ?? ""
        let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home + "/.aws/credentials"
        let config = environment["AWS_CONFIG_FILE"] ?? home + "/.aws/config"
        var values = section(config, profile == "default" ? "default" : "profile \(profile)")
        values.merge(section(credentials, profile)) { $1 }
        if let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] {
            let token = values["aws_session_token"].map { Secret($0) }
            return .success(.keys(id: id, secret: Secret(secret), sessionToken: token))
        }
        if let command = values["credential_process"] { return .success(.process(command)) }
        return .failure(Problem(description: missing(profile, values, credentials, config)))
    }

    /// The region that the variables name; nil: the broker's name tells it.
    var region: String? { environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] }

    /// A sentence without a full stop.
    struct Problem: Error, Equatable {
        var description: String
    }

    private func missing(
        _ profile: String, _ values: [String: String], _ credentials: String, _ config: String
    ) -> String {
        let other = ["sso_session", "sso_start_url", "role_arn", "web_identity_token_file"].first {
            values[$0] != nil
        }
        let help =
            "let AWS's own command give the key: credential_process = aws configure "
            + "export-credentials --profile \(profile) --format process"
        if let other {
            return "AWS profile \(profile) uses \(other), which is not followed here: \(help)"
        }
        return "there is no AWS access key: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not "
            + "set, and neither \(credentials) nor \(config) has one for profile \(profile) "
            + "(keys of machines and containers are not fetched here: \(help))"
    }

    /// One section of an INI file; empty where the file or the section is missing.
    private func section(_ path: String, _ name: String) -> [String: String] {
        guard case .success(let bytes) = references.read(path) else { return [:] }
        var values: [String: String] = [:]
        var isInside = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let text = String(line).trimmed
            if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
            if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
                let title = String(text[..<end].dropFirst()).trimmed
                isInside = title.split(separator: " ").joined(separator: " ") == name
                continue
            }
            // Lines that are indented belong to a nested setting.
            guard isInside, line.first?.isWhitespace == false,
                let equals = text.firstIndex(of: "=")
            else { continue }
            let key = String(text[..<equals]).trimmed.lowercased()
            values[key] = String(text[text.index(after: equals)...]).trimmed
        }
        return values
    }
}
