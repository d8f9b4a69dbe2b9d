// Kafka's own tools run in one JVM a version that stays: starting a JVM for each costs a second of
// the processor, and the tests run a hundred of them.
import Foundation
import Synchronization

/// The JVM of one version. It ends by itself when this process has ended.
final class ToolServer: Sendable {
    /// What a tool left.
    struct Ended {
        var exitCode: Int
        var output: String
        var errors: String
    }

    /// The classes of the tools that may share a JVM, as the scripts know them: the first one a
    /// version has counts.
    private static let classes = [
        "kafka-configs": ["org.apache.kafka.tools.ConfigCommand", "kafka.admin.ConfigCommand"],
        "kafka-consumer-groups": [
            "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            "kafka.admin.ConsumerGroupCommand",
        ],
        "kafka-delete-records": [
            "org.apache.kafka.tools.DeleteRecordsCommand", "kafka.admin.DeleteRecordsCommand",
        ],
        "kafka-features": ["org.apache.kafka.tools.FeatureCommand", "kafka.admin.FeatureCommand"],
        "kafka-get-offsets": [
            "org.apache.kafka.tools.GetOffsetShell", "kafka.tools.GetOffsetShell",
        ],
        "kafka-leader-election": [
            "org.apache.kafka.tools.LeaderElectionCommand", "kafka.admin.LeaderElectionCommand",
        ],
        "kafka-log-dirs": ["org.apache.kafka.tools.LogDirsCommand", "kafka.admin.LogDirsCommand"],
        "kafka-metadata-quorum": ["org.apache.kafka.tools.MetadataQuorumCommand"],
        "kafka-producer-perf-test": ["org.apache.kafka.tools.ProducerPerformance"],
        "kafka-reassign-partitions": [
            "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
            "kafka.admin.ReassignPartitionsCommand",
        ],
        "kafka-topics": ["org.apache.kafka.tools.TopicCommand", "kafka.admin.TopicCommand"],
    ]

    private static let started = Mutex<[String: ToolServer?]>([:])
    private let child: ChildProcess
    private let port: UInt16

    /// The JVM of a version, started by the first who asks; nil where it cannot be: a Java without
    /// a compiler. The tools run each in a JVM of its own then.
    static func of(_ version: String) -> ToolServer? {
        started.withLock { started in
            if let known = started[version] { return known }
            let server: ToolServer?
            do {
                server = try ToolServer(version)
            } catch {
                print("live: each of Kafka's tools starts a JVM of its own: \(error)")
                server = nil
            }
            started[version] = .some(server)
            return server
        }
    }

    private init(_ version: String) throws {
        let folder = try makeTemporaryFolder("tools")
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        let source = folder + "/ToolServer.java"
        try Self.source.write(toFile: source, atomically: true, encoding: .utf8)
        for (file, text) in [("log4j.properties", Self.log4j1), ("log4j2.properties", Self.log4j2)]
        {
            try text.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
        }
        let child = try ChildProcess([
            "java", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m",
            "-Dlog4j.configuration=file:\(folder)/log4j.properties",
            "-Dlog4j2.configurationFile=file:\(folder)/log4j2.properties",
            "-cp", try KafkaScripts.jars(version) + "/*", source, "\(getpid())",
        ])
        var port: UInt16?
        try waitUntil("a JVM for Kafka's tools", seconds: 90, every: 0.05) {
            if let ended = child.ended() {
                throw HarnessError("exit \(ended.exitCode): \(ended.errors.suffix(400))")
            }
            let lines = child.output.split(separator: "\n", omittingEmptySubsequences: false)
            port = lines.count > 1 ? UInt16(lines[0]) : nil
            return port != nil
        }
        self.child = child
        self.port = port ?? 0
    }

    static func knows(_ tool: String) -> Bool { classes[tool] != nil }

    /// Begins a tool; `finish` waits for it.
    func start(_ words: [String]) throws -> LoopbackSocket {
        let call = try LoopbackSocket(port: port, seconds: 90)
        let classes = (Self.classes[words[0]] ?? []).joined(separator: ",")
        let text = ([classes] + words.dropFirst()).joined(separator: "\0")
        guard call.send(Array(text.utf8)) else {
            throw HarnessError("the JVM of Kafka's tools is gone: \(child.errors.suffix(400))")
        }
        call.endSending()
        return call
    }

    func finish(_ call: LoopbackSocket, _ words: [String]) throws -> Ended {
        let parts = String(decoding: call.receiveAll(), as: UTF8.self)
            .split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let code = Int(parts[2]) else {
            throw HarnessError("\(words.joined(separator: " ")): not ended after 90 s")
        }
        return Ended(exitCode: code, output: parts[0], errors: parts[1])
    }

    // MARK: The other side

    private static let log4j1 = """
        log4j.rootLogger=WARN, out
        log4j.appender.out=org.apache.log4j.ConsoleAppender
        log4j.appender.out.target=System.err
        log4j.appender.out.layout=org.apache.log4j.SimpleLayout

        """
    private static let log4j2 = """
        rootLogger.level=warn
        rootLogger.appenderRef.out.ref=out
        appender.out.type=Console
        appender.out.name=out
        appender.out.target=SYSTEM_ERR
        appender.out.layout.type=PatternLayout
        appender.out.layout.pattern=%p %m%n

        """

    /// One connection is one call: class names and words parted by NUL; what it printed, what it
    /// printed as errors and its exit code come back. What a thread prints goes to the call it
    /// began in.
    private static let source = """
        import java.io.*;
        import java.net.*;
        import java.nio.charset.StandardCharsets;
        import java.util.Arrays;
        import org.apache.kafka.common.utils.Exit;

        public class ToolServer {
            /// Tools may catch their own exit and report it as a failure: the first one counts,
            /// and what is printed after it is nobody's.
            static class Call {
                final ByteArrayOutputStream out = new ByteArrayOutputStream();
                final ByteArrayOutputStream err = new ByteArrayOutputStream();
                volatile Integer code;
            }

            static final InheritableThreadLocal<Call> CALL = new InheritableThreadLocal<>();

            static class Ended extends RuntimeException {}

            static void end(int code) {
                Call call = CALL.get();
                if (call != null && call.code == null) call.code = code;
                throw new Ended();
            }

            static class Splitter extends OutputStream {
                final boolean isErrors;
                final OutputStream rest;
                Splitter(boolean isErrors, OutputStream rest) {
                    this.isErrors = isErrors;
                    this.rest = rest;
                }
                OutputStream now() {
                    Call call = CALL.get();
                    if (call == null) return rest;
                    if (call.code != null) return OutputStream.nullOutputStream();
                    return isErrors ? call.err : call.out;
                }
                public void write(int b) throws IOException { now().write(b); }
                public void write(byte[] b, int from, int n) throws IOException {
                    now().write(b, from, n);
                }
                public void flush() throws IOException { now().flush(); }
            }

            public static void main(String[] words) throws Exception {
                long parent = Long.parseLong(words[0]);
                ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                System.out.println(server.getLocalPort());
                System.out.flush();
                System.setOut(new PrintStream(new Splitter(false, System.out), true));
                System.setErr(new PrintStream(new Splitter(true, System.err), true));
                Exit.setExitProcedure((code, message) -> end(code));
                Exit.setHaltProcedure((code, message) -> end(code));
                Thread watch = new Thread(() -> {
                    while (ProcessHandle.of(parent).map(ProcessHandle::isAlive).orElse(false)) {
                        try { Thread.sleep(1000); } catch (InterruptedException e) { break; }
                    }
                    Runtime.getRuntime().halt(0);
                });
                watch.start();
                while (true) {
                    Socket call = server.accept();
                    new Thread(() -> answer(call)).start();
                }
            }

            static void answer(Socket socket) {
                Call call = new Call();
                CALL.set(call);
                try (socket) {
                    byte[] asked = socket.getInputStream().readAllBytes();
                    String[] words =
                        new String(asked, StandardCharsets.UTF_8).split("\\0", -1);
                    int code = 0;
                    try {
                        begin(words[0].split(",")).invoke(
                            null, (Object) Arrays.copyOfRange(words, 1, words.length));
                    } catch (ReflectiveOperationException e) {
                        e.printStackTrace();
                        code = 1;
                    }
                    if (call.code != null) code = call.code;
                    OutputStream back = socket.getOutputStream();
                    call.out.writeTo(back);
                    back.write(0);
                    call.err.writeTo(back);
                    back.write(0);
                    back.write(Integer.toString(code).getBytes(StandardCharsets.UTF_8));
                    back.flush();
                } catch (IOException e) {
                    return;
                }
            }

            static java.lang.reflect.Method begin(String[] names)
                throws ReflectiveOperationException {
                ClassNotFoundException missing = null;
                for (String name : names) {
                    try {
                        return Class.forName(name).getMethod("main", String[].class);
                    } catch (ClassNotFoundException e) {
                        missing = e;
                    }
                }
                throw missing;
            }
        }

        """
}
