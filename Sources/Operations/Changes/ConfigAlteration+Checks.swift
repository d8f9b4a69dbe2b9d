// What is said of a change of configs before it is made: what values mean, what they risk, and
// whether Kafka would take them.
package import ClusterModel
package import KafkaClient
internal import KafkaConfigs
package import Planning

extension ConfigAlteration {
    /// Whose configs it changes.
    package var subjects: [ObjectID] { resources.map(\.id) }

    package static var isChecked: Bool { true }

    package func complete(_ proposal: inout Proposal) {
        proposal.counts = [
            .init("configs", items.count), .init("resources", resources.count),
        ]
        if items.isEmpty, proposal.refusal == nil {
            proposal.isSettled = true
            proposal.refusal = "all is so already"
        }
    }

    package func validate(
        _ client: KafkaClient,
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        validate(client, groups(of: Limits.topicsPerRequest)[...], [], completion)
    }

    /// Asks about one request's resources after the other's.
    private func validate(
        _ client: KafkaClient, _ rest: ArraySlice<[ConfigResource]>, _ outcomes: [StepOutcome],
        _ completion: @escaping (Result<[StepOutcome], ClientError>) -> Void
    ) {
        guard let group = rest.first else { return completion(.success(outcomes)) }
        client.alterConfigs(settings(of: group), validatesOnly: true) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let told):
                validate(
                    client, rest.dropFirst(), outcomes + told.map { StepOutcome($0) }, completion)
            }
        }
    }

    /// Resources that one request may name: topics together, and each broker by itself.
    func groups(of size: Int) -> [[ConfigResource]] {
        let all = resources
        return chunks(all.filter(\.isTopic), of: size) + all.filter { !$0.isTopic }.map { [$0] }
    }

    func settings(
        of resources: [ConfigResource]
    ) -> [(resource: ConfigResource, settings: [ConfigSetting])] {
        let own = Dictionary(grouping: items, by: \.resource)
        return resources.map { resource in
            (
                resource: resource,
                settings: (own[resource] ?? []).map { ConfigSetting($0.key, $0.after) }
            )
        }
    }
}

extension ConfigAlteration {
    private static func known(_ item: Item, _ release: KafkaRelease?) -> KnownConfig? {
        item.resource.isTopic
            ? ConfigCatalogue.topic(item.key, release) : ConfigCatalogue.broker(item.key, release)
    }

    /// What values mean in units, and what holds where an override goes.
    static func notes(
        on items: [Item], _ told: ResourceConfigs?, _ release: KafkaRelease?
    ) -> [String] {
        var seen: Set<String> = []
        return items.flatMap { item -> [String] in
            guard seen.insert(item.key).inserted else { return [] }
            let form = ConfigForm(item.key, known(item, release))
            func shown(_ value: String) -> String {
                form.humanised(value).map { "\(value) (\($0))" } ?? value
            }
            var notes = [item.before, item.after].compactMap { value in
                value.flatMap { value in form.humanised(value).map { "\(value) is \($0)" } }
            }
            if item.after == nil, let told, ConfigResource(told.resource) == item.resource,
                let level = told[item.key].flatMap({ told.withoutOverride($0) }),
                let value = level.value
            {
                notes.append(
                    "without the override \(item.key) is \(shown(value)), by \(level.source.text)")
            }
            return notes
        }
    }

    /// What the catalogue says of each key that is set, once.
    static func risks(of items: [Item], _ release: KafkaRelease?) -> [String] {
        var seen: Set<String> = []
        return items.compactMap { item in
            guard item.before != item.after, seen.insert(item.key).inserted else { return nil }
            return known(item, release)?.risk.map { "\(item.key): \($0)" }
        }
    }
}

extension StepOutcome {
    init(_ outcome: ConfigOutcome) {
        self.init(outcome.resource.name, told: outcome.error, outcome.message)
    }
}
