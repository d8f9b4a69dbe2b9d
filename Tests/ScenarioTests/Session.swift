// What the tests of driven sessions share: small clusters, and expectations that print the frame
// and the keys when they fail.
import ClusterModel
import Drawing
import GoldenFiles
import Session
import SimulatedCluster
import Testing

/// A cluster small enough for debug builds.
func smallShape(_ scenario: Scenario = .quietDay, seed: UInt64 = 7) -> Shape {
    var shape = Shape()
    shape.seed = seed
    shape.brokers = 6
    shape.partitions = 36
    shape.offsetsPartitions = 6
    shape.groups = 6
    shape.scenario = scenario
    shape.storyAtSeconds = 10
    return shape
}

extension DrivenSession {
    func expect(_ wanted: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(text.contains(wanted), "\(story(wanted))", sourceLocation: sourceLocation)
    }

    func expectNot(_ unwanted: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(!text.contains(unwanted), "\(story(unwanted))", sourceLocation: sourceLocation)
    }

    /// Waits for a review to be ready and confirms it.
    /// - Parameter word: what it wants to be typed; nil: the cluster's id.
    func confirmReview(
        typing word: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        _ = run(atMost: 20) { $0.text.contains("and press Enter to begin") }
        expect("and press Enter to begin", sourceLocation: sourceLocation)
        run(seconds: 0.5)
        press(word ?? cluster.clusterID ?? "")
        press(.enter)
    }

    private func story(_ wanted: String) -> String {
        let pressed = keys.map { "\($0)" }.joined(separator: " ")
        return "\"\(wanted)\" at \(seconds) s after \(pressed):\n\(text)"
    }
}

@Suite struct SessionTests {
    /// Keys, pictures, resizes: the same seed gives the same frames.
    @Test func theSameSeedGivesTheSameFrames() {
        func frames(_ seed: UInt64) -> [String] {
            let session = DrivenSession(smallShape(.brokerLost, seed: seed))
            defer { session.end() }
            var frames: [String] = []
            for keys in ["", "P", "Gs", "O", "T]", "W", "0"] {
                session.press(keys)
                session.run(seconds: 6)
                frames.append(session.frame.golden)
            }
            session.resize(width: 80, height: 24)
            frames.append("\(session.frame.golden) \(session.trace)")
            return frames
        }
        let first = frames(3)
        #expect(first == frames(3))
        #expect(first != frames(4))
    }

    @Test func timePassesOnlyWhenItIsLetTo() {
        let session = DrivenSession(smallShape())
        session.run(until: 4)
        let before = session.text
        #expect(session.seconds == 4)
        #expect(session.text == before)
        session.press("P")
        session.expect("partitions")
        #expect(session.seconds == 4)
        #expect(session.run(atMost: 3) { $0.publicationCount > 3 })
        #expect(!session.run(atMost: 2) { _ in false })
        session.end()
    }
}
