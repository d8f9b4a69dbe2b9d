// Two TLS layers joined by pipes that can be cut and damaged, and the settings they use.
import Testing
import Transport
import TransportTesting

@testable import Security

func material(
    _ name: String, _ text: String, password: [UInt8]? = nil
) -> TLSMaterial {
    TLSMaterial(name: name, bytes: Array(text.utf8), password: password)
}

func serverOptions(_ certificate: String = TestKeys.server) -> TLSOptions {
    var options = TLSOptions()
    options.identity = material("server.pem", certificate + "\n" + TestKeys.serverKey)
    return options
}

func clientOptions(_ trust: String? = TestKeys.authority) -> TLSOptions {
    var options = TLSOptions()
    options.trust = trust.map { material("ca.pem", $0) }
    return options
}

/// A client's and a server's layer, joined by two pipes.
final class Pair {
    let client: TLSLayer
    let server: TLSLayer
    var toServer: [UInt8] = []
    var toClient: [UInt8] = []
    var clientHeard: [UInt8] = []
    var serverHeard: [UInt8] = []
    var clientError: TransportError?
    var serverError: TransportError?
    /// The most bytes handed over at once.
    var portion = 1 << 20
    /// What happens to the server's bytes on their way.
    var damage: ([UInt8]) -> [UInt8] = { $0 }

    init(
        _ client: TLSContext, _ server: TLSContext, name: String = "zk1.example.com"
    ) {
        self.client = TLSLayer(client, peer: name)
        self.server = TLSLayer(server, peer: nil)
    }

    /// Lets both talk until neither has anything to say.
    func run() {
        if clientError == nil, !client.isReady {
            do {
                try server.start(&toClient)
                try client.start(&toServer)
            } catch {
                clientError = error
                return
            }
        }
        move()
    }

    func move() {
        while !toServer.isEmpty || !toClient.isEmpty {
            let up = toServer
            toServer = []
            for part in parts(up) where serverError == nil {
                serverError = give(part, to: server, &serverHeard, &toClient)
            }
            let down = damage(toClient)
            toClient = []
            for part in parts(down) where clientError == nil {
                clientError = give(part, to: client, &clientHeard, &toServer)
            }
        }
    }

    private func parts(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: portion).map {
            bytes[$0..<min($0 + portion, bytes.count)]
        }
    }

    private func give(
        _ part: ArraySlice<UInt8>, to layer: TLSLayer, _ plain: inout [UInt8],
        _ output: inout [UInt8]
    ) -> TransportError? {
        part.withUnsafeBytes { bytes in
            do throws(TransportError) {
                try layer.receive(bytes, plain: &plain, output: &output)
                return nil
            } catch {
                return error
            }
        }
    }

    var clientWords: String {
        if case .protection(let words) = clientError { return words }
        return clientError.map { "\($0)" } ?? "none"
    }
}

func hasOpenSSL() -> Bool { (try? OpenSSL()) != nil }

let needsLibrary: Comment = "TLS needs the host's libssl, which is not here"
