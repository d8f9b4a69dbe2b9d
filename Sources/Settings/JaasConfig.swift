// The value of Kafka's `sasl.jaas.config`: one login module with its options, in the syntax of
// Java's JAAS files (javax.security.auth.login.Configuration; Kafka's JaasConfig.java).

/// One login module and its options. Holds secrets, so it prints its class only.
struct JaasConfig: CustomStringConvertible, CustomReflectable {
    /// The class's whole name.
    var module: String
    var options: [String: String]

    var description: String { module }
    var customMirror: Mirror { Mirror(self, children: ["module": module]) }

    /// The class's name without its package.
    var kind: String { module.split(separator: ".").last.map(String.init) ?? module }

    /// Why a text is none, without anything of its values.
    struct Fault: Error, Equatable {
        var message: String
    }

    init(parsing text: String) throws(Fault) {
        var reader = JaasReader(text: Array(text.unicodeScalars))
        guard let module = try reader.next(), module.isWord else {
            throw Fault(message: "names no login module")
        }
        self.module = module.text
        let flags = ["required", "requisite", "sufficient", "optional"]
        guard let flag = try reader.next(), flag.isWord, flags.contains(flag.text.lowercased())
        else {
            throw Fault(
                message: "the login module must be followed by one of "
                    + flags.joined(separator: ", "))
        }
        options = [:]
        while let token = try reader.next() {
            if token.text == ";", token.isSign {
                guard try reader.next() == nil else {
                    throw Fault(message: "holds more than one login module")
                }
                return
            }
            guard token.isWord, let equals = try reader.next(), equals.isSign, equals.text == "=",
                let value = try reader.next(), !value.isSign
            else {
                // Not its text, which may be a piece of a password.
                throw Fault(
                    message: "options are key=\"value\", and a ; ends them: look at the one "
                        + "after \(options.count) good ones")
            }
            options[token.text] = value.text
        }
        throw Fault(message: "needs a ; at its end")
    }
}

/// Words, texts in quotes, and the signs = and ;.
private struct JaasReader {
    enum Kind { case word, quoted, sign }

    struct Token {
        var text: String
        var kind: Kind
        var isWord: Bool { kind == .word }
        var isSign: Bool { kind == .sign }
    }

    let text: [Unicode.Scalar]
    var at = 0

    init(text: [Unicode.Scalar]) { self.text = text }

    mutating func next() throws(JaasConfig.Fault) -> Token? {
        while at < text.count, text[at].properties.isWhitespace { at += 1 }
        guard at < text.count else { return nil }
        let first = text[at]
        switch first {
        case "=", ";":
            at += 1
            return Token(text: String(first), kind: .sign)
        case "\"", "'": return try quoted(by: first)
        default:
            let start = at
            while at < text.count, !text[at].properties.isWhitespace,
                !["=", ";", "\"", "'"].contains(text[at])
            {
                at += 1
            }
            return Token(text: String(String.UnicodeScalarView(text[start..<at])), kind: .word)
        }
    }

    /// With the escapes of Java's StreamTokenizer.
    private mutating func quoted(by quote: Unicode.Scalar) throws(JaasConfig.Fault) -> Token {
        at += 1
        var value = String.UnicodeScalarView()
        while at < text.count, text[at] != quote {
            var scalar = text[at]
            at += 1
            if scalar == "\\", at < text.count {
                scalar = text[at]
                at += 1
                switch scalar {
                case "n": scalar = "\n"
                case "t": scalar = "\t"
                case "r": scalar = "\r"
                case "f": scalar = "\u{0c}"
                case "b": scalar = "\u{08}"
                default: break
                }
            }
            value.append(scalar)
        }
        guard at < text.count else {
            throw JaasConfig.Fault(message: "a quotation mark is not closed")
        }
        at += 1
        return Token(text: String(value), kind: .quoted)
    }
}
