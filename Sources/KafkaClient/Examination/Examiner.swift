// Many servers looked at side by side, within bounds, and one login at a time until one has
// succeeded: a wrong password must not lock an account.
package import Transport

/// Looks at servers; confined to the loop's thread.
package final class Examiner {
    let loop: Loop
    let config: ClientConfig
    /// The cluster that a context pins, or that was met first; nil: any.
    package var expectedCluster: String?
    /// A layer that checks nothing, to find out whether a port speaks TLS; nil: there is none.
    let trialLayer: (@Sendable (Endpoint) -> any StreamLayer)?
    /// Who logs in by what, for the step's text.
    let loginName: String
    /// Where a login was refused; nil: nowhere.
    var refusedLogin: String?
    private var isLoggedIn = false

    private var waiting: [(place: Int, server: ExaminedServer)] = []
    private var running = 0
    /// In the order in which they were given.
    private var results: [ExaminedServer] = []
    private var completion: (([ExaminedServer]) -> Void)?

    package init(
        loop: Loop, config: ClientConfig, expectedCluster: String? = nil, loginName: String = "",
        trialLayer: (@Sendable (Endpoint) -> any StreamLayer)? = nil
    ) {
        self.loop = loop
        self.config = config
        self.expectedCluster = expectedCluster
        self.loginName = loginName
        self.trialLayer = trialLayer
    }

    /// Looks at the addresses of the settings.
    package func examineBootstrap(_ completion: @escaping ([ExaminedServer]) -> Void) {
        let servers = config.bootstrap.map {
            ExaminedServer(endpoint: $0, dialled: config.map($0, nil))
        }
        examine(servers, completion)
    }

    /// Looks at brokers as the cluster lists them.
    package func examine(
        brokers: [BrokerAddress], _ completion: @escaping ([ExaminedServer]) -> Void
    ) {
        let servers = brokers.map { broker in
            ExaminedServer(
                endpoint: broker.endpoint, dialled: config.map(broker.endpoint, broker.id),
                brokerID: broker.id, rack: broker.rack)
        }
        examine(servers, completion)
    }

    private func examine(
        _ servers: [ExaminedServer], _ completion: @escaping ([ExaminedServer]) -> Void
    ) {
        waiting = servers.enumerated().map { (place: $0.offset, server: $0.element) }
        results = servers
        self.completion = completion
        loop.later { [self] in next() }
    }

    func loggedIn() { isLoggedIn = true }

    private func next() {
        let room = config.makeLogin == nil || isLoggedIn ? Limits.examinedAtOnce : 1
        while running < room, !waiting.isEmpty {
            running += 1
            let (place, server) = waiting.removeFirst()
            ServerExamination(self, server).begin { [self] result in
                running -= 1
                results[place] = result
                loop.later { [self] in next() }
            }
        }
        guard running == 0, waiting.isEmpty, let completion else { return }
        self.completion = nil
        completion(results)
    }
}
