// The proxy on the way to brokers and servers of the ensemble, as `highwater.proxy` names it.

/// A proxy and who uses it. Interpolating it prints no secret.
package struct ProxySettings: Equatable, Sendable {
    package enum Kind: Sendable { case socks5, http }

    package var kind: Kind
    package var server: HostPort
    package var username: String?
    package var password: Secret?
}

extension SettingsResolver {
    /// Of `highwater.proxy`, `.username` and `.password`; nil: there is none, or a fault was said.
    mutating func proxy() -> ProxySettings? {
        let username = string("highwater.proxy.username")
        let password = secret("highwater.proxy.password")
        guard let found = find("highwater.proxy"), !found.value.isEmpty else { return nil }
        let parts = found.value.firstRange(of: "://").map {
            (
                scheme: found.value[..<$0.lowerBound].lowercased(),
                rest: found.value[$0.upperBound...]
            )
        }
        guard let parts, let kind = kind(parts.scheme, found) else {
            if parts == nil {
                faults.append(
                    found.fault("write socks5h://HOST:PORT or http://HOST:PORT"))
            }
            return nil
        }
        var address = parts.rest
        if address.last == "/" { address = address.dropLast() }
        // It would be shown wherever the address is.
        guard !address.contains("@") else {
            faults.append(
                found.fault(
                    "user and password do not belong into the address: set "
                        + "highwater.proxy.username and highwater.proxy.password"))
            return nil
        }
        do throws(HostPort.Malformed) {
            let server = try HostPort(parsing: String(address))
            guard address.last != "]", address.contains(":") else {
                faults.append(found.fault("the port is missing: write HOST:PORT"))
                return nil
            }
            return ProxySettings(
                kind: kind, server: server, username: username, password: password)
        } catch {
            faults.append(found.fault(error.description))
            return nil
        }
    }

    private mutating func kind(_ scheme: String, _ found: Setting) -> ProxySettings.Kind? {
        switch scheme {
        case "socks5h": return .socks5
        case "http": return .http
        case "socks5":
            faults.append(
                found.fault(
                    "the proxy looks the names up here: write socks5h:// (socks5:// would ask this "
                        + "machine's name service)"))
        default:
            faults.append(
                found.fault("\(scheme):// is no proxy that is spoken: socks5h:// and http:// are"))
        }
        return nil
    }
}
