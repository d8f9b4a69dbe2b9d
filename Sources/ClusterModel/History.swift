// Rates and lags over the last hours, in bounded memory, as a value that shares its structure with
// the pictures before it: appending a tick copies references, never samples.

/// Hours of cluster, broker, topic and group rates.
package struct History: Sendable {
    /// The windows a graph can show.
    package enum Window: String, CaseIterable, Sendable {
        case fiveMinutes = "5 min"
        case oneHour = "1 h"
        case sixHours = "6 h"
        package var seconds: Double {
            switch self {
            case .fiveMinutes: 300
            case .oneHour: 3600
            case .sixHours: 21600
            }
        }
    }
    package enum Measure: Sendable, Hashable {
        case records, bytes
        /// Groups only: records behind, and records a second consumed.
        case lag, consumed
    }
    package enum Subject: Hashable, Sendable {
        case cluster
        case broker(BrokerID)
        case topic(slot: Int)
        /// Kept only for partitions that were looked at (`Interest`).
        case partition(PartitionKey)
        case group(slot: Int)
    }
    package init() {}

    /// The samples of a window that ends now, evenly spaced.
    package func series(
        _ subject: Subject, _ measure: Measure, _ window: Window, now: Instant
    ) -> Series {
        Series(end: now, stepSeconds: 2, values: [])
    }
}

/// Evenly spaced samples; NaN where nothing was known: a gap, to be drawn as a gap.
package struct Series: Sendable, Equatable {
    /// The moment of the last value's end.
    package var end: Instant
    package var stepSeconds: Double
    /// Oldest first; a second's rate averaged over the step.
    package var values: [Float]
    package init(end: Instant, stepSeconds: Double, values: [Float]) {
        self.end = end
        self.stepSeconds = stepSeconds
        self.values = values
    }
}
