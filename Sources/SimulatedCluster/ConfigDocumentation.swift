// What the simulated brokers say of configs when they are asked for documentation: sentences as
// Kafka's are, with its marks of HTML, in words of our own.

/// Documentation by the name of a config.
enum ConfigDocumentation {
    static func text(_ name: String) -> String { texts[name] ?? "" }

    private static let texts = Dictionary(
        table.split(separator: "\n").compactMap { line -> (String, String)? in
            guard let blank = line.firstIndex(of: " ") else { return nil }
            return (String(line[..<blank]), String(line[line.index(after: blank)...]))
        }, uniquingKeysWith: { first, _ in first })

    private static let table = """
        cleanup.policy What becomes of old segments: <code>delete</code> removes them by time and \
        size, <code>compact</code> keeps the last record of each key, both may be given.
        compression.gzip.level The level of gzip where <code>compression.type</code> is gzip.
        compression.lz4.level The level of lz4 where <code>compression.type</code> is lz4.
        compression.type The codec in which records are kept; <code>producer</code> keeps that of \
        the producer, <code>uncompressed</code> takes it away.
        compression.zstd.level The level of zstd where <code>compression.type</code> is zstd.
        delete.retention.ms How long the mark of a deleted key is kept in a compacted topic: a \
        reader that takes longer from the beginning may miss it.
        file.delete.delay.ms How long a file is kept after it was removed from the log.
        flush.messages After so many records the log is forced to disk. Replication makes records \
        durable; this is best left alone.
        flush.ms After so long the log is forced to disk. Replication makes records durable; this \
        is best left alone.
        follower.replication.throttled.replicas Replicas whose fetching is throttled: \
        <code>partition:broker</code> pairs, or <code>*</code> for all of the topic.
        index.interval.bytes An entry of the offset index is written after so many bytes.
        leader.replication.throttled.replicas Replicas to which the leader sends at the throttled \
        rate: <code>partition:broker</code> pairs, or <code>*</code> for all of the topic.
        local.retention.bytes How much of a partition is kept on local disks where the rest lies \
        in remote storage; -2 is <code>retention.bytes</code>.
        local.retention.ms How long records are kept on local disks where they lie in remote \
        storage too; -2 is <code>retention.ms</code>.
        max.compaction.lag.ms How long a record may stay uncompacted at most.
        max.message.bytes The largest batch of records that is taken, after compression.
        message.timestamp.type Whether a record carries the time of its making \
        (<code>CreateTime</code>) or of its writing (<code>LogAppendTime</code>).
        min.cleanable.dirty.ratio From which share of uncompacted records on a log is compacted.
        min.compaction.lag.ms How long a record stays uncompacted at least.
        min.insync.replicas How many replicas must have a record before a write with \
        <code>acks=all</code> succeeds.<br>With three replicas and 2 here, one broker may fail.
        preallocate Whether the file of a new segment takes its whole size at once.
        remote.storage.enable Whether closed segments are copied to remote storage.
        retention.bytes How large a partition may grow before its oldest segments are removed; -1 \
        is no limit. The topic may hold as much for each of its partitions.
        retention.ms How long records are kept before their segments are removed; -1 is no limit. \
        It is a promise to readers: &quot;read within this time&quot;.
        segment.bytes How large a segment grows. Retention and compaction work on whole segments.
        segment.index.bytes How large the index of a segment may grow.
        segment.jitter.ms Up to so much is taken off <code>segment.ms</code> at random, so that \
        segments do not all roll at once.
        segment.ms After so long a segment is closed even where it is not full.
        unclean.leader.election.enable Whether a replica that is not in sync may lead as a last \
        resort, although records are lost then.
        log.retention.ms How long records are kept where a topic says nothing else; it stands \
        before <code>log.retention.minutes</code> and <code>log.retention.hours</code>.
        log.retention.bytes How large a partition may grow where its topic says nothing else.
        log.segment.bytes How large a segment grows where its topic says nothing else.
        message.max.bytes The largest batch of records where a topic says nothing else.
        num.io.threads Threads that process requests, disk included.
        num.network.threads Threads that receive requests and send answers.
        num.replica.fetchers Threads that fetch from each other broker.
        broker.rack The rack of the broker, by which replicas are spread.
        log.dirs The directories of the logs, with commas between them.
        """
}
