// The limits of rules between the settings, which find them, and the rules, which know what they
// mean.
internal import ClusterModel
internal import Health
internal import Operations
internal import Settings

/// What settings may say of rules.
enum RuleLimits {
    static let keys: [LimitKey] = Threshold.allCases.map { threshold in
        LimitKey(threshold.key) { threshold.fault($0) }
    }

    /// The thresholds that hold.
    static func thresholds(_ configuration: Configuration) throws(Ending) -> Thresholds {
        var thresholds = Thresholds.standard
        for threshold in Threshold.allCases {
            guard let text = configuration.limits[threshold.key],
                let value = threshold.parse(text)
            else { continue }
            thresholds[threshold] = value
        }
        let (full, critical) = (Threshold.volumeFull, Threshold.volumeCritical)
        guard thresholds[full] <= thresholds[critical] else {
            let origin =
                configuration.origins[critical.key] ?? configuration.origins[full.key] ?? "settings"
            throw Ending(
                code: .usage,
                sentence: "\(origin): \(full.key) is \(full.text(thresholds[full])), more than "
                    + "\(critical.key), \(critical.text(thresholds[critical]))")
        }
        return thresholds
    }

    /// One line a limit: key, what it is here, what it is by itself and why, what it decides.
    static func lines(_ thresholds: Thresholds, _ configuration: Configuration) -> [String] {
        let width = Threshold.allCases.map { $0.key.count }.max() ?? 0
        return Threshold.allCases.map { threshold in
            let entry = threshold.entry
            let pad = String(repeating: " ", count: width - threshold.key.count)
            let value = threshold.text(thresholds[threshold])
            let standard =
                thresholds[threshold] == entry.standard
                ? "" : " (by itself \(threshold.text(entry.standard)))"
            let origin = configuration.origins[threshold.key].map { ", \($0)" } ?? ""
            return "\(threshold.key)\(pad)  \(value)\(standard)  \(entry.meaning); "
                + "\(threshold.allowedText)\(origin); source: \(entry.source)"
        }
    }

    /// By what rules judge here: the settings, and what is written down of maintenance.
    static func judging(
        _ configuration: Configuration, _ host: Host
    ) throws(Ending) -> Judging {
        let store = MaintenanceStore.folder(ConfigFolders(environment: host.environment).state)
        return Judging(try thresholds(configuration), maintenance: store.read)
    }
}
