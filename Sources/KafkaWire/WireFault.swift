// What went wrong while a frame was read or written.

/// A frame that cannot be read or written: which API and version, where, and why. Reading never
/// traps; whatever the bytes are, the outcome is a message or one of these.
package struct WireFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Why a frame was refused.
    package enum Reason: Equatable, Sendable {
        /// The bytes end before the field does.
        case short
        /// A length or count that the remaining bytes cannot hold, or a negative one.
        case lyingCount(Int)
        /// A varint longer than five bytes or wider than 32 bits.
        case badVarint
        /// Null where the version allows none.
        case unexpectedNull
        /// Tags that are not in ascending order, too many, or whose size does not fit.
        case badTags
        /// The message ended and bytes are left.
        case leftOver(Int)
        /// A field of other versions is set, and it must not be dropped in silence: the versions.
        case mustSend(String)
        /// Text, bytes or an array too long for its length field.
        case tooLong
        /// A version outside the range we know.
        case unknownVersion
        /// The header of another API than the one expected.
        case wrongAPI(Int16)
    }

    package var api: String
    package var version: Int16
    /// Bytes from the start of what was read or written.
    package var offset: Int
    package var reason: Reason

    package init(api: String, version: Int16, offset: Int, reason: Reason) {
        self.api = api
        self.version = version
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "\(api) v\(version) at byte \(offset): \(reason)" }
}

extension WireFault.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .short: "the bytes end too early"
        case .lyingCount(let count): "a length of \(count) that the bytes cannot hold"
        case .badVarint: "a length that is not a varint"
        case .unexpectedNull: "null where the version allows none"
        case .badTags: "a tag section that does not add up"
        case .leftOver(let count): "\(count) bytes left over"
        case .mustSend(let versions): "a field is set that only versions \(versions) carry"
        case .tooLong: "a value too long for its length field"
        case .unknownVersion: "a version outside the known range"
        case .wrongAPI(let key): "the header of API key \(key)"
        }
    }
}
