// The AWS_MSK_IAM login of Amazon's managed Kafka: a request to connect, signed with the account's
// key (Signature Version 4, presigned; aws-msk-iam-auth: AWS4SignedPayloadGenerator.java), as JSON.
package import Transport

/// An access key of AWS.
package struct AWSCredentials: Sendable, CustomReflectable {
    package var keyID: String
    package var secret: String
    /// With keys that live for a while only.
    package var sessionToken: String?

    package init(keyID: String, secret: String, sessionToken: String? = nil) {
        self.keyID = keyID
        self.secret = secret
        self.sessionToken = sessionToken
    }

    /// Nothing of it prints: it is a secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// One login to the broker of this name, which the signature is for: the advertised one, also
/// through a tunnel.
package final class MSKIAM: SaslMechanism, CustomReflectable {
    package typealias Source = @Sendable () throws(SaslFailure) -> AWSCredentials

    private let host: String
    private let region: String?
    private let agent: String
    /// Seconds since 1970.
    private let now: @Sendable () -> Int
    private let source: Source
    private var isSent = false

    /// - Parameters:
    ///   - region: nil takes it from the host's name.
    ///   - source: gives a key that is valid now.
    package init(
        host: String, region: String?, agent: String, now: @escaping @Sendable () -> Int,
        source: @escaping Source
    ) {
        self.host = host
        self.region = region
        self.agent = agent
        self.now = now
        self.source = source
    }

    package var name: String { "AWS_MSK_IAM" }

    /// Nothing of it prints: its source knows the key.
    package var customMirror: Mirror { Mirror(self, children: []) }

    package func step(_ challenge: [UInt8]?) throws(SaslFailure) -> [UInt8]? {
        if isSent {
            // What it says is the request's id; nothing at all is no success.
            guard let challenge, !challenge.isEmpty else {
                throw SaslFailure("the broker's answer to the signed request is empty")
            }
            return nil
        }
        isSent = true
        guard let region = region ?? Self.region(of: host) else {
            throw SaslFailure(
                "the name \(printable(host)) tells no AWS region: set AWS_REGION, or connect by "
                    + "the broker's own name (highwater.address.map says where it is reached)")
        }
        let credentials = try source()
        do throws(TransportError) {
            return try payload(credentials, region)
        } catch {
            throw SaslFailure(error)
        }
    }

    /// `b-1.name.abc123.c2.kafka.eu-central-1.amazonaws.com`: what stands before `amazonaws`.
    static func region(of host: String) -> String? {
        let labels = host.lowercased().split(separator: ".").map(String.init)
        guard let amazon = labels.firstIndex(where: { $0.hasPrefix("amazonaws") }), amazon > 0,
            labels[..<amazon].contains(where: { $0.hasPrefix("kafka") })
        else { return nil }
        return labels[amazon - 1]
    }

    private func payload(
        _ credentials: AWSCredentials, _ region: String
    ) throws(TransportError) -> [UInt8] {
        let (day, second) = UTCTime.compact(now())
        let scope = "\(day)/\(region)/kafka-cluster/aws4_request"
        var query = [
            ("Action", "kafka-cluster:Connect"), ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "\(credentials.keyID)/\(scope)"), ("X-Amz-Date", second),
            ("X-Amz-Expires", "900"),
        ]
        if let token = credentials.sessionToken { query.append(("X-Amz-Security-Token", token)) }
        query.append(("X-Amz-SignedHeaders", "host"))
        let signature = try AWSSignature.sign(
            query: query, host: host, secret: credentials.secret, scope: scope, at: second)
        var members = [
            ("version", "2020_10_22"), ("host", host), ("user-agent", agent),
        ]
        members += query.map { ($0.0.lowercased(), $0.1) }
        members.append(("x-amz-signature", signature))
        let text = members.map { "\(JSONText.quoted($0.0)):\(JSONText.quoted($0.1))" }
        return Array("{\(text.joined(separator: ","))}".utf8)
    }
}

/// Signature Version 4 of a GET without a body, whose signature stands in its query.
enum AWSSignature {
    static func sign(
        query: [(String, String)], host: String, secret: String, scope: String, at second: String
    ) throws(TransportError) -> String {
        let pairs = query.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
        let empty = hex(try SHA2.sha256.hash([]))
        let request = "GET\n/\n\(pairs)\nhost:\(host)\n\nhost\n\(empty)"
        let hashed = hex(try SHA2.sha256.hash(Array(request.utf8)))
        let text = "AWS4-HMAC-SHA256\n\(second)\n\(scope)\n\(hashed)"
        let key = try key(secret, scope)
        return hex(try SHA2.sha256.authenticate(Array(text.utf8), key: key))
    }

    /// The key of one day, region and service.
    static func key(_ secret: String, _ scope: String) throws(TransportError) -> [UInt8] {
        var key = Array("AWS4\(secret)".utf8)
        for part in scope.split(separator: "/") {
            key = try SHA2.sha256.authenticate(Array(part.utf8), key: key)
        }
        return key
    }

    /// RFC 3986: all but unreserved characters as %XX.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
            }
        }
        return result
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Texts of JSON, for what a login says.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Times as AWS writes them.
enum UTCTime {
    /// "20260131" and "20260131T235959Z".
    static func compact(_ seconds: Int) -> (day: String, second: String) {
        let day = seconds / 86_400
        let rest = seconds % 86_400
        let (year, month, date) = civil(day)
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
        let text = "\(year)\(two(month))\(two(date))"
        return (text, "\(text)T\(two(rest / 3600))\(two(rest / 60 % 60))\(two(rest % 60))Z")
    }

    /// Days since 1970 as a date of the Gregorian calendar, by its cycle of 400 years.
    private static func civil(_ day: Int) -> (year: Int, month: Int, date: Int) {
        let shifted = day + 719_468
        let cycle = shifted / 146_097
        let inCycle = shifted % 146_097
        let year = (inCycle - inCycle / 1460 + inCycle / 36_524 - inCycle / 146_096) / 365
        let inYear = inCycle - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * inYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let date = inYear - (153 * shiftedMonth + 2) / 5 + 1
        return (year + cycle * 400 + (month <= 2 ? 1 : 0), month, date)
    }
}
