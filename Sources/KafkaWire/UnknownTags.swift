// Tagged fields we have no name for: kept with the message, so that what was read can be written
// again byte for byte, and out of the structs, so that a struct pays nothing for them.

/// The unknown tagged fields of one message. A tag section is named by its ordinal in walk order
/// (0 is the header's), so the list is right only as long as the message keeps its shape; drop it
/// when elements are added or removed.
package struct UnknownTags: Equatable, Sendable {
    /// One unknown tagged field.
    package struct Entry: Equatable, Sendable {
        package var section: Int
        package var tag: Int
        package var bytes: [UInt8]

        package init(section: Int, tag: Int, bytes: [UInt8]) {
            self.section = section
            self.tag = tag
            self.bytes = bytes
        }
    }

    /// In the order of the wire: sections ascend, and tags within one.
    package var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }
}
