// DescribeLogDirs (key 35) in columns: the same bytes as `DescribeLogDirsResponse`, without an
// allocation a topic: each broker of a large cluster names hundreds of them.

/// Asks one broker for all its log directories and all replicas in them.
package struct LogDirColumnsRequest: KafkaRequest {
    package static let apiKey: Int16 = DescribeLogDirsRequest.apiKey
    package static let name = DescribeLogDirsRequest.name
    package static let effect = DescribeLogDirsRequest.effect
    package static let verb = DescribeLogDirsRequest.verb
    package static let versions: ClosedRange<Int16> = DescribeLogDirsRequest.versions
    package static let firstFlexible: Int16 = DescribeLogDirsRequest.firstFlexible
    package typealias Response = LogDirColumns

    package var unknownTags = UnknownTags()

    package init() {}

    package mutating func walk(_ w: inout some WireVisitor) {
        var request = DescribeLogDirsRequest()
        request.walk(&w)
    }

    package mutating func read(_ reader: inout WireReader) { walk(&reader) }
    package mutating func write(_ writer: inout WireWriter) { walk(&writer) }
}

/// The log directories of the broker that answers.
package struct LogDirColumns: ColumnsResponse {
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

    /// The same answer.
    package init(_ plain: DescribeLogDirsResponse) {
        throttleTimeMs = plain.throttleTimeMs
        error = plain.error
        for var dir in plain.results {
            firstTopics.begin(at: topics.count)
            for topic in dir.topics {
                topics.append(topic.name)
                firstReplicas.begin(at: replicas.count)
                replicas += topic.partitions
            }
            dir.topics = []
            dirs.append(dir)
        }
        unknownTags = plain.unknownTags
    }

    /// The topics of directory `dir`.
    package func topics(of dir: Int) -> Range<Int> {
        firstTopics.rows(of: dir, of: topics.count)
    }

    /// The rows of `replicas` that are of one topic in one directory.
    package func rows(of topic: Int) -> Range<Int> {
        firstReplicas.rows(of: topic, of: replicas.count)
    }

    /// The answer it stands for.
    package var plain: DescribeLogDirsResponse {
        var answer = DescribeLogDirsResponse()
        answer.throttleTimeMs = throttleTimeMs
        answer.error = error
        answer.results = dirs.indices.map { index in
            var dir = dirs[index]
            dir.topics = topics(of: index).map { topic in
                var one = DescribeLogDirsResponse.Topic()
                one.name = topics[topic]
                one.partitions = Array(replicas[rows(of: topic)])
                return one
            }
            return dir
        }
        answer.unknownTags = unknownTags
        return answer
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
