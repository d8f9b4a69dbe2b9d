// A part of the cluster of which nothing could be read.

internal import ClusterModel

/// Sections that failed.
enum UnreadSections: Rule {
    static let entry = RuleEntry(
        "section_failed", "not read", .warning, .none,
        advice: "What depends on it is not known; i on a row says what that is.")

    static func check(_ pass: HealthPass) -> [Finding] {
        Section.allCases.compactMap { section in
            guard case .failed(let why) = pass.cluster.health(section).state else { return nil }
            return finding(
                .section(section), "cannot tell \(section.noun): \(why)", link: .nothing,
                advice: why)
        }
    }
}
