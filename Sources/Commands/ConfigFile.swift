// The document of `config export`, which `config import` takes: what is set on resources
// themselves.
internal import ClusterModel
internal import JSON
internal import Settings
internal import Transport

/// Configs of resources, as a file keeps them.
struct ConfigFile {
    struct Entry {
        var subject: ObjectID
        var configs: [(key: String, value: String)]
        /// Keys whose values Kafka does not tell.
        var hidden: [String] = []
    }

    private static let schema = "highwater.configs"
    var clusterID: String?
    var resources: [Entry]

    init(clusterID: String, _ resources: [Entry]) {
        self.clusterID = clusterID
        self.resources = resources
    }

    init(reading path: String) throws(Ending) {
        let bytes: [UInt8]
        switch HostFiles().read(path) {
        case .success(let read): bytes = read
        case .failure(let problem):
            throw Ending(code: .usage, sentence: "config import: \(problem.description)")
        }
        let document: JSONValue
        do throws(JSONFault) {
            document = try JSONValue(parsing: bytes)
        } catch {
            throw Ending(code: .usage, sentence: "config import: \(path): \(error)")
        }
        guard document["schema"]?.string == Self.schema,
            let list = document["resources"]?.array
        else {
            throw Ending(
                code: .usage,
                sentence: "config import: \(path) is no document of \(Self.schema): "
                    + "config export writes one")
        }
        clusterID = document["cluster_id"]?.string
        resources = []
        for entry in list {
            guard let resource = Entry(entry) else {
                throw Ending(
                    code: .usage,
                    sentence: "config import: \(path): resource \(resources.count + 1) is not "
                        + "whole: it has a kind (topic, broker, all_brokers), a name and configs")
            }
            resources.append(resource)
        }
    }

    var document: JSONValue {
        .object([
            .init("schema", .string(Self.schema)), .init("schema_version", .string("1.0")),
            .init("cluster_id", .init(clusterID)),
            .init("resources", .array(resources.map(\.document))),
        ])
    }
}

extension ConfigFile.Entry {
    fileprivate init?(_ document: JSONValue) {
        guard let kind = document["kind"]?.string, case .object(let members)? = document["configs"]
        else { return nil }
        let name = document["name"]?.string
        switch kind {
        case "topic":
            guard let name else { return nil }
            subject = .topic(name)
        case "broker":
            guard let id = name.flatMap({ Int32($0) }), id >= 0 else { return nil }
            subject = .broker(BrokerID(id))
        case "all_brokers": subject = .cluster
        default: return nil
        }
        configs = []
        for member in members {
            guard let value = member.value.string else { return nil }
            configs.append((member.key, value))
        }
        hidden = (document["hidden"]?.array ?? []).compactMap(\.string)
    }

    fileprivate var document: JSONValue {
        let kind = subject == .cluster ? "all_brokers" : subject.kind
        return .object([
            .init("kind", .string(kind)),
            .init("name", subject == .cluster ? .null : .string(subject.name)),
            .init("configs", .object(configs.map { .init($0.key, .string($0.value)) })),
            .init("hidden", .array(hidden.map(JSONValue.string))),
        ])
    }
}
