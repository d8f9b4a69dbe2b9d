// The system's error numbers in the few classes that matter here.
import Glibc

/// A class of system errors.
package enum SystemError: Sendable {
    case refused, timedOut, unreachable, reset, other

    package init(_ number: Int32) {
        switch number {
        case ECONNREFUSED: self = .refused
        case ETIMEDOUT: self = .timedOut
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL, EAFNOSUPPORT,
            EACCES, EPERM:
            self = .unreachable
        case ECONNRESET, EPIPE, ECONNABORTED: self = .reset
        default: self = .other
        }
    }

    /// True for "nothing to do now": the call is repeated when the handle is ready again.
    package static func isTransient(_ number: Int32) -> Bool {
        number == EAGAIN || number == EWOULDBLOCK || number == EINTR
    }

    static let outOfMemory = ENOMEM

    /// The system's own text for an error number, such as "No route to host".
    package static func text(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
