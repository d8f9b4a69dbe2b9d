// IncrementalAlterConfigs and AlterConfigs: changes of dynamic configs, refused as real brokers of
// each release refuse them.
import KafkaConfigs
import KafkaWire

/// One change of one config.
private struct Change {
    enum Operation: Int8 { case set, delete, append, subtract }

    let name: String
    let operation: Operation?
    let value: String?
}

extension Handler {
    static let alterConfigs = changes { $0.isTooLong($1) ? nil : $0.alterConfigs($1, $2) }
    static let replaceConfigs = changes { $0.replaceConfigs($1, $2) }
}

extension AlterConfigsResponse {
    fileprivate mutating func add(
        _ verdict: Verdict, of type: ConfigResourceType, _ name: String
    ) {
        var result = Result()
        result.resourceType = type
        result.resourceName = name
        result.error = verdict.error
        result.errorMessage = verdict.message
        results.append(result)
    }
}

extension Machine {
    mutating func alterConfigs(
        _ request: IncrementalAlterConfigsRequest, _ order: Order
    ) -> AlterConfigsResponse {
        var response = AlterConfigsResponse()
        for resource in request.resources {
            let changes = resource.configs.map { config in
                Change(
                    name: config.name, operation: Change.Operation(rawValue: config.operation),
                    value: config.value)
            }
            let count = request.resources.count {
                $0.resourceType == resource.resourceType && $0.resourceName == resource.resourceName
            }
            let verdict =
                count > 1 && shape.release > .v24
                ? Verdict(.invalidRequest, "Each resource must appear at most once.")
                : alter(
                    resource.resourceType, resource.resourceName, changes,
                    validatesOnly: request.validateOnly, order)
            response.add(verdict, of: resource.resourceType, resource.resourceName)
        }
        return response
    }

    /// The older way: what is not named goes back to its default.
    mutating func replaceConfigs(
        _ request: AlterConfigsRequest, _ order: Order
    ) -> AlterConfigsResponse {
        var response = AlterConfigsResponse()
        for resource in request.resources {
            var changes = resource.configs.map {
                Change(name: $0.name, operation: .set, value: $0.value)
            }
            if let scope = scope(resource.resourceType, resource.resourceName, order).scope {
                for entry in overrides(scope)
                where !resource.configs.contains(where: { $0.name == entry.name }) {
                    changes.append(Change(name: entry.name, operation: .delete, value: nil))
                }
            }
            let verdict = alter(
                resource.resourceType, resource.resourceName, changes,
                validatesOnly: request.validateOnly, order)
            response.add(verdict, of: resource.resourceType, resource.resourceName)
        }
        return response
    }

    // MARK: One resource

    private mutating func alter(
        _ type: ConfigResourceType, _ name: String, _ changes: [Change], validatesOnly: Bool,
        _ order: Order
    ) -> Verdict {
        if let fault = fault(in: changes) { return fault }
        let (found, refusal) = scope(type, name, order)
        guard let scope = found else { return refusal }
        var wanted: [(name: String, value: String?)] = []
        for change in changes {
            var value: String?
            let verdict = newValue(change, scope, &value)
            if verdict.error.isError { return verdict }
            wanted.append((change.name, value))
        }
        if !validatesOnly {
            for (name, value) in wanted { setOverride(scope, name, value) }
        }
        return Verdict()
    }

    private func fault(in changes: [Change]) -> Verdict? {
        if Set(changes.map(\.name)).count < changes.count {
            return Verdict(.invalidRequest, "Error due to duplicate config keys")
        }
        let empty = changes.filter { $0.value == nil && $0.operation != .delete }.map(\.name)
        if !empty.isEmpty {
            if shape.release == .v24 { return Verdict(.unknownServerError) }
            return Verdict(
                .invalidRequest, "Null value not supported for : \(empty.joined(separator: ","))")
        }
        return changes.contains { $0.operation == nil } ? Verdict(.unknownServerError) : nil
    }

    /// What a request names, or why it cannot be changed.
    private func scope(
        _ type: ConfigResourceType, _ name: String, _ order: Order
    ) -> (scope: ConfigScope?, refusal: Verdict) {
        let isDenied = shape.access.deniesConfigs || shape.access.isReadOnly
        switch type {
        case ConfigResourceType.topic:
            if isDenied || isHidden(name)
                || shape.access.hiddenTopicPrefix.map({ name.hasPrefix($0) }) ?? false
            {
                return (nil, Verdict(.topicAuthorizationFailed, "Topic authorization failed."))
            }
            if answersError { return (nil, Verdict(.requestTimedOut, "The request timed out.")) }
            guard let index = topicIndex[name] else {
                let text = "The topic '\(name)' does not exist."
                return (
                    nil,
                    shape.release == .v24
                        ? Verdict(.unknownServerError)
                        : Verdict(.unknownTopicOrPartition, text)
                )
            }
            return (.topic(index), Verdict())
        case ConfigResourceType.broker, ConfigResourceType.brokerLogger:
            if isDenied {
                return (nil, Verdict(.clusterAuthorizationFailed, "Cluster authorization failed."))
            }
            if name.isEmpty, type == ConfigResourceType.broker { return (.brokers, Verdict()) }
            guard let id = Int32(name) else {
                let what = shape.release == .v24 ? "Broker" : "Node"
                return (
                    nil,
                    Verdict(.invalidRequest, "\(what) id must be an integer, but it is: \(name)")
                )
            }
            let own = brokers[order.index].id
            guard id == own else {
                return (
                    nil,
                    Verdict(
                        .invalidRequest, "Unexpected broker id, expected \(own), but received \(id)"
                    )
                )
            }
            return (
                type == ConfigResourceType.broker ? .broker(order.index) : .loggers(order.index),
                Verdict()
            )
        default: return (nil, Verdict(.invalidRequest, "Unknown resource type \(type.rawValue)"))
        }
    }

    /// The value a change leaves; nil takes the config away.
    private func newValue(
        _ change: Change, _ scope: ConfigScope, _ value: inout String?
    ) -> Verdict {
        switch scope {
        case .topic: topicValue(change, scope, &value)
        case .broker, .brokers: brokerValue(change, scope, &value)
        case .loggers: loggerValue(change, &value)
        }
    }

    private func topicValue(
        _ change: Change, _ scope: ConfigScope, _ value: inout String?
    ) -> Verdict {
        if change.operation == .delete { return Verdict() }
        guard let known = ConfigCatalogue.of(shape.release.kafka).topic(change.name) else {
            return Verdict(
                .invalidConfig, "Unknown topic config name: \(change.name)")
        }
        let verdict = edited(change, known, scope, &value)
        if verdict.error.isError { return verdict }
        guard let fault = known.fault(in: value ?? "") else { return Verdict() }
        let code: KafkaError = shape.release == .v24 ? .invalidRequest : .invalidConfig
        return Verdict(code, prefix(scope) + fault)
    }

    /// With ZooKeeper the resource stands in front of what is wrong.
    private func prefix(_ scope: ConfigScope) -> String {
        guard isZooKeeper, case .topic(let index) = scope else { return "" }
        return "Invalid config value for resource "
            + "ConfigResource(type=TOPIC, name='\(topics[index].name)'): "
    }

    /// The value after SET, APPEND or SUBTRACT.
    private func edited(
        _ change: Change, _ known: KnownConfig?, _ scope: ConfigScope, _ value: inout String?
    ) -> Verdict {
        value = change.value
        guard let operation = change.operation, operation != .set else { return Verdict() }
        guard known?.type == .list else {
            let word = operation == .append ? "append" : "subtract"
            let text =
                isZooKeeper
                ? "Config value \(word) is not allowed for config key: \(change.name)"
                : "Can't \(word.uppercased()) to key \(change.name) because its type is not LIST."
            return Verdict(shape.release == .v24 ? .invalidRequest : .invalidConfig, text)
        }
        let set = overrides(scope).first { $0.name == change.name }?.value
        if set == nil, shape.release == .v24 { return Verdict(.unknownServerError) }
        var parts = ConfigForm.parts(set ?? known?.initial ?? "")
        let more = ConfigForm.parts(change.value ?? "")
        if operation == .append {
            for part in more where !parts.contains(part) { parts.append(part) }
        } else {
            parts.removeAll { more.contains($0) }
        }
        value = parts.joined(separator: ",")
        return Verdict()
    }
}

// MARK: Brokers and loggers

extension Machine {
    private func brokerValue(
        _ change: Change, _ scope: ConfigScope, _ value: inout String?
    ) -> Verdict {
        let name = change.name
        let list = shape.release >= .v43 ? "[\(name)]" : "Set(\(name))"
        let known = ConfigCatalogue.of(shape.release.kafka).broker(name)
        if known?.access == .atStart {
            return Verdict(.invalidRequest, "Cannot update these configs dynamically: \(list)")
        }
        if name.hasPrefix("ssl.") {
            return Verdict(
                .invalidRequest,
                "These security configs can be dynamically updated only per-listener using the "
                    + "listener prefix: \(shape.release == .v39 ? "Hash" : "")\(list)")
        }
        if known?.access == .oneBroker, scope == .brokers {
            return Verdict(
                .invalidRequest,
                "Cannot update these configs at default cluster level, broker id must be "
                    + "specified: \(list)")
        }
        if change.operation == .delete { return Verdict() }
        let verdict = edited(change, known, scope, &value)
        if verdict.error.isError { return verdict }
        let given = value ?? ""
        if ThrottleName.rates.contains(name) {
            guard let rate = Int64(given) else {
                return Verdict(
                    .invalidRequest,
                    "Invalid value \(given) for configuration \(name): Not a number of type LONG")
            }
            guard rate < 0 else { return Verdict() }
            return Verdict(
                .invalidRequest,
                "Invalid value \(rate) for configuration \(name): Value must be at least 0")
        }
        if let fault = known?.fault(in: given) {
            return Verdict(.invalidRequest, fault)
        }
        return threadVerdict(name, given, known)
    }

    /// Thread pools grow and shrink by a factor of two at most.
    private func threadVerdict(_ name: String, _ value: String, _ known: KnownConfig?) -> Verdict {
        let pools = [
            "num.io.threads", "num.network.threads", "num.replica.fetchers", "background.threads",
            "num.recovery.threads.per.data.dir",
        ]
        guard pools.contains(name), let wanted = Int(value),
            let present = known?.initial.flatMap({ Int($0) })
        else { return Verdict() }
        let limit: String
        if wanted > 2 * present {
            limit = "value should not be greater than double the current value \(present)"
        } else if wanted < present / 2 {
            limit = "value should be at least half the current value \(present)"
        } else {
            return Verdict()
        }
        return Verdict(
            .invalidRequest,
            "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count "
                + "update validation failed for \(name)=\(wanted), \(limit) for configuration "
                + "Invalid dynamic configuration")
    }

    private func loggerValue(_ change: Change, _ value: inout String?) -> Verdict {
        guard loggerNames.contains(change.name) else {
            return Verdict(
                shape.release == .v24 ? .invalidRequest : .invalidConfig,
                "Logger \(change.name) does not exist!")
        }
        if change.operation == .delete {
            guard change.name == "root" else { return Verdict() }
            return Verdict(
                .invalidRequest, "Removing the log level of the root logger is not allowed")
        }
        guard change.operation == .set else {
            return Verdict(
                .invalidRequest, "\(change.name) is not a list and cannot be appended to")
        }
        let levels = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"]
        value = change.value
        guard let value, levels.contains(value) else {
            return Verdict(
                .invalidConfig,
                "Cannot set the log level of \(change.name) to \(change.value ?? "") as it is not "
                    + "a supported log level. Valid log levels are "
                    + levels.joined(separator: ", "))
        }
        return Verdict()
    }

    /// Loggers of every broker, a few of the hundreds.
    var loggerNames: [String] { ["root", "kafka.controller", "kafka.request.logger"] }
}

extension Machine {
    /// KRaft brokers end the connection over a value they could not store.
    func isTooLong(_ request: IncrementalAlterConfigsRequest) -> Bool {
        !isZooKeeper
            && request.resources.contains { resource in
                resource.configs.contains {
                    ($0.value?.utf8.count ?? 0) > Limits.configValueBytes
                }
            }
    }
}
