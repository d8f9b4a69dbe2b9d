// The login of a connection, and the next one on the same connection before the session ends.
import KafkaWire
import Transport

extension BrokerLane {
    /// Logs in, once it is this connection's turn.
    func enterLogin() {
        guard let makeLogin = config.makeLogin, stream != nil else { return }
        guard context.logins.enters(self) else {
            // Whoever logs in now has a time limit, and so has this.
            if let phaseTimer { loop.cancel(phaseTimer) }
            phaseTimer = nil
            return
        }
        logIn(makeLogin(endpoint), after: nil, step: 0)
    }

    /// - Parameter step: requests sent so far.
    private func logIn(_ login: any Login, after answer: FrameBuffer?, step: Int) {
        guard let versions else { return }
        startPhase()
        do throws(LoginFailure) {
            guard step < Limits.loginSteps else {
                throw LoginFailure(error: .none, message: "the login takes too many steps")
            }
            guard let request = try login.next(after: answer, versions: versions) else {
                return loggedIn(login)
            }
            let asked = stream
            handshake(request.encode) { [weak self] in
                guard let self, stream === asked else { return }
                logIn(login, after: $0, step: step + 1)
            }
        } catch {
            fail(error)
        }
    }

    private func loggedIn(_ login: any Login) {
        watchSession(login.sessionLifetimeMs)
        let others = context.logins.succeeded()
        if isRenewing {
            isRenewing = false
            if let phaseTimer { loop.cancel(phaseTimer) }
            phaseTimer = nil
            silentHandshakes = 0
            context.roomMade()
            pump()
        } else {
            becomeReady()
        }
        for lane in others { loop.later { lane.enterLogin() } }
    }

    private func fail(_ error: LoginFailure) {
        var failure = RequestFailure(
            code: .loginFailed, what: error.message, advice: error.advice)
        guard error.isRefusal else { return drop(failure) }
        if config.saysLoginRest {
            let rest = "It is tried again after \(readableSeconds(config.loginRestNs)), so that no "
            failure.advice += (failure.advice.isEmpty ? "" : " ") + rest + "account is locked."
        }
        let others = context.logins.refused(failure, untilNs: loop.now + config.loginRestNs)
        drop(failure)
        // They were not tried: it is the same account.
        for lane in others { lane.drop(failure) }
    }

    /// Where logins rest, a connection is not made: what waits for it fails with the refusal.
    func restsFromLogins() -> Bool {
        guard config.makeLogin != nil, let rest = context.logins.rest(at: loop.now) else {
            return false
        }
        drop(rest.failure, isFault: true)
        return true
    }

    /// When this connection may be tried next, where its login was refused.
    func afterRest(_ untilNs: UInt64) -> UInt64 {
        guard let rest = context.logins.rest(at: loop.now) else { return untilNs }
        return max(untilNs, rest.untilNs)
    }

    // MARK: The next login

    /// Before the session ends the broker gets another login, at a moment between 85 and 95 % of
    /// its life as Kafka's own clients do: after its end it would close the connection.
    private func watchSession(_ lifetimeMs: Int64) {
        if let sessionTimer { loop.cancel(sessionTimer) }
        sessionTimer = nil
        guard lifetimeMs > 0 else { return }
        let lifetimeNs = UInt64(clamping: min(lifetimeMs, Limits.longestSessionMs)) * 1_000_000
        let share = 85 + loop.system.random() % 11
        sessionTimer = loop.after(lifetimeNs / 100 * share) { [weak self] in self?.renew() }
    }

    /// Logs in again. The broker handles a connection's requests in order, so those under way are
    /// answered first; what is asked meanwhile waits, and leaves when it is done.
    private func renew() {
        sessionTimer = nil
        guard state == .ready, stream != nil, let makeLogin = config.makeLogin else { return }
        guard proofsLeft == 0 else {
            // The questions that ask who answers have the timer of this phase.
            sessionTimer = loop.after(Limits.renewalDelay) { [weak self] in self?.renew() }
            return
        }
        isRenewing = true
        logIn(makeLogin(endpoint), after: nil, step: 0)
    }
}
