// Which first questions of each section are still open: until all of them have ended, that a thing
// is not there is no fact.
import ClusterModel
import Transport

/// The questions with which the reading of each section begins, by API and broker.
struct FirstQuestions {
    private struct Teller: Hashable {
        var api: String
        var broker: BrokerID?

        init(_ key: QuestionKey) { (api, broker) = (key.api, key.broker) }
    }
    /// How many are open of each; 0: they have ended, and what is asked later is not the first.
    private var open: [Section: [Teller: Int]] = [:]
    private var isOver: Set<Section> = []

    mutating func begin(_ key: QuestionKey, in section: Section) {
        guard !isOver.contains(section) else { return }
        let teller = Teller(key)
        let count = open[section]?[teller]
        if count != 0 { open[section, default: [:]][teller] = (count ?? 0) + 1 }
    }

    mutating func end(_ key: QuestionKey, in section: Section) {
        guard let count = open[section]?[Teller(key)], count > 0 else { return }
        open[section]?[Teller(key)] = count - 1
    }

    /// Sections whose first questions have all ended are read from now on. Called between answers:
    /// what an answer leads to has been asked then.
    mutating func settle() {
        for (section, counts) in open where counts.values.allSatisfy({ $0 == 0 }) {
            isOver.insert(section)
            open[section] = nil
        }
    }

    /// Some of a section's first questions have not ended.
    func isOpen(_ section: Section) -> Bool { open[section] != nil }
}
