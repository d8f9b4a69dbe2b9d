// Answers of HTTP in pieces of every size, and those that are none.
import Testing

@testable import Transport

struct HTTPReaderTests {
    private func read(
        _ text: String, portion: Int = .max
    ) -> (reader: HTTPReader, error: TransportError?) {
        var reader = HTTPReader()
        let bytes = Array(text.utf8)
        for at in stride(from: 0, to: bytes.count, by: min(portion, bytes.count)) {
            var failure: TransportError?
            bytes[at..<min(bytes.count, at + min(portion, bytes.count))].withUnsafeBytes { part in
                do throws(TransportError) {
                    try reader.take(part)
                } catch {
                    failure = error
                }
            }
            if let failure { return (reader, failure) }
        }
        return (reader, nil)
    }

    @Test(arguments: [1, 2, 7, .max]) func wholeAnswers(portion: Int) {
        let cases = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 No\r\ncontent-length:2\r\n\r\nno", 401,
                "no"
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n"
                    + "0\r\n\r\n", 200, "hello"
            ),
        ]
        for (text, status, body) in cases {
            let (reader, error) = read(text, portion: portion)
            #expect(error == nil && reader.isWhole, "\(text)")
            #expect(reader.answer == HTTPAnswer(status: status, body: Array(body.utf8)), "\(text)")
        }
    }

    @Test func theEndOfTheConnectionEndsAnAnswerWithoutLength() {
        var (reader, _) = read("HTTP/1.0 200 OK\r\n\r\nhello")
        #expect(!reader.isWhole)
        let isWhole = reader.end()
        #expect(isWhole)
        #expect(reader.answer.body == Array("hello".utf8))
        var (cut, _) = read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
        let isCutWhole = cut.end()
        #expect(!isCutWhole)
    }

    @Test func whatIsNoAnswer() {
        for text in [
            "SSH-2.0-x\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
            #expect(read(text).error != nil, "\(text)")
        }
        let endless = "HTTP/1.1 200 OK\r\n" + String(repeating: "a", count: 2 << 20)
        #expect(read(endless, portion: 65_536).error != nil)
    }
}
