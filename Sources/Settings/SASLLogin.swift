// How to log in to brokers: what `sasl.*` of both dialects comes to.

/// A login by SASL, as the settings say it. Interpolating it prints no secret.
package enum SASLLogin: Equatable, Sendable {
    /// The password is nil where it is asked for: see `PasswordSource`.
    case plain(username: String, password: Secret?)
    /// SCRAM with SHA-256 or SHA-512; of a delegation token name and password are its id and HMAC.
    case scram(isSHA512: Bool, username: String, password: Secret?, isToken: Bool)
    case bearer(BearerSource, extensions: [SASLExtension])
    /// Amazon's, signed with an access key; the region is nil where the broker's name tells it.
    case mskIAM(AWSKeySource, region: String?)

    /// Who logs in, where the settings say it.
    package var username: String {
        switch self {
        case .plain(let username, _), .scram(_, let username, _, _): username
        case .bearer(.unsecured(let claims), _): claims.principal
        case .bearer(.endpoint(let endpoint), _): endpoint.clientID
        case .mskIAM(.keys(let id, _, _), _): id
        case .bearer(.file, _), .mskIAM(.process, _): ""
        }
    }

    /// As `sasl.mechanism` names it.
    package var mechanism: String {
        switch self {
        case .plain: "PLAIN"
        case .scram(let isSHA512, _, _, _): isSHA512 ? "SCRAM-SHA-512" : "SCRAM-SHA-256"
        case .bearer: "OAUTHBEARER"
        case .mskIAM: "AWS_MSK_IAM"
        }
    }

    /// It has a password, and the settings do not hold it.
    package var needsPassword: Bool {
        switch self {
        case .plain(_, nil), .scram(_, _, nil, _): true
        case .plain, .scram, .bearer, .mskIAM: false
        }
    }

    /// The same with this password.
    package func with(password: Secret) -> SASLLogin {
        switch self {
        case .plain(let username, _): .plain(username: username, password: password)
        case .scram(let isSHA512, let username, _, let isToken):
            .scram(
                isSHA512: isSHA512, username: username, password: password, isToken: isToken)
        case .bearer, .mskIAM: self
        }
    }
}

/// What a broker gets beside the token (KIP-342).
package struct SASLExtension: Equatable, Sendable {
    package var name: String
    package var value: String
}

/// Where a bearer token comes from.
package enum BearerSource: Equatable, Sendable {
    /// A file that holds it, read for each login: whoever renews it writes it there.
    case file(String)
    /// An endpoint that gives one to a client it knows, and another before that runs out.
    case endpoint(TokenEndpointSettings)
    /// Made here and not signed, for test clusters.
    case unsecured(UnsecuredClaims)
}

/// What a token that nobody signed says, by the options of Kafka's own login module
/// (OAuthBearerUnsecuredLoginCallbackHandler.java).
package struct UnsecuredClaims: Equatable, Sendable {
    /// The claim that names the principal, "sub" unless set.
    package var principalClaim = "sub"
    package var principal = ""
    package var lifetimeSeconds = 3600
    package var strings: [SASLExtension] = []
    /// Numbers as they are written.
    package var numbers: [SASLExtension] = []
    package var lists: [(name: String, values: [String])] = []

    package static func == (a: UnsecuredClaims, b: UnsecuredClaims) -> Bool {
        a.principalClaim == b.principalClaim && a.principal == b.principal
            && a.lifetimeSeconds == b.lifetimeSeconds && a.strings == b.strings
            && a.numbers == b.numbers && a.lists.elementsEqual(b.lists, by: ==)
    }
}
