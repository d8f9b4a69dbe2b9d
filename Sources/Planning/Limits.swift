// Every bound of this module, with its reason.

enum Limits {
    /// Kafka's longest topic name has 249 characters; a cluster's name is shorter.
    static let typedCharacters = 300
}
