// DescribeLogDirs (key 35) in columns: the same bytes as `DescribeLogDirsResponse`, without an
// allocation a topic: each broker of a large cluster names hundreds of them.

/// Asks one broker for all its log directories and all replicas in them.
package typealias LogDirColumnsRequest = InColumns<DescribeLogDirsRequest, LogDirColumns>

/// The log directories of the broker that answers.
package struct LogDirColumns: ClientResponse {
    /// One directory, without what is in it.
    package typealias Dir = DescribeLogDirsResponse.LogDir

    package var throttleTimeMs: Int32 = 0
    package var error = KafkaError.none
    /// Directories; their `topics` are empty.
    package private(set) var dirs: [Dir] = []
    /// The topics of all directories, one directory after the other.
    package private(set) var topics = NameColumn()
    package private(set) var replicas: [DescribeLogDirsResponse.Partition] = []
    /// Where the topics of each directory begin in `topics`.
    private var firstTopics = RowStarts()
    /// Where the replicas of each topic begin in `replicas`.
    private var firstReplicas = RowStarts()
    package var unknownTags = UnknownTags()

    package init() {}

    /// The topics of directory `dir`.
    package func topics(of dir: Int) -> Range<Int> {
        firstTopics.rows(of: dir, of: topics.count)
    }

    /// The rows of `replicas` that are of one topic in one directory.
    package func rows(of topic: Int) -> Range<Int> {
        firstReplicas.rows(of: topic, of: replicas.count)
    }

    package mutating func read(_ reader: inout WireReader) {
        reader.int32(&throttleTimeMs)
        reader.error(&error, 3..., ignorable: true)
        reader.each { reader in
            var dir = Dir()
            dir.walkHead(&reader)
            firstTopics.begin(at: topics.count)
            reader.each { readTopic(&$0) }
            dir.walkTail(&reader)
            dirs.append(dir)
        }
        reader.tags()
    }

    private mutating func readTopic(_ reader: inout WireReader) {
        reader.name(&topics)
        firstReplicas.begin(at: replicas.count)
        reader.structs(behind: &replicas)
        reader.tags()
    }
}
