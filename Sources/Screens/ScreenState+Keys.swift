// Keys and commands: from the table of bindings to the screens and to effects.

internal import ClusterModel
internal import Drawing
internal import Health
internal import Planning

extension ScreenState {
    mutating func take(_ key: Key) -> [Effect] {
        if prompt != nil { return takeInPrompt(key) }
        if case .paste = key, screens.last?.isTyping != true { return [] }
        if case .click(let x, let y) = key { return click(x, y) }
        guard let top = screens.last else { return [] }
        let kind = type(of: top)
        if top.isTyping {
            let scene = scene()
            notice = nil
            return carryOut(screens[screens.count - 1].take(key, scene))
        }
        guard let binding = Keymap.bindings(on: kind).first(where: { $0.keys.contains(key) }) else {
            if let why = Keymap.reason(key, on: kind) { return carryOut([.refuse(why)]) }
            guard case .character(let letter) = key else { return [] }
            return carryOut([.refuse("no key \(harmless(letter)) here; ? lists all")])
        }
        let scene = scene()
        if let why = binding.why?(scene, top.row(scene)) {
            return carryOut([.refuse("\(binding.title): \(why)")])
        }
        notice = nil
        return perform(binding.action)
    }

    mutating func perform(_ action: Action) -> [Effect] {
        switch action {
        case .quit: return quit()
        case .suspend: return [.suspend]
        case .redraw: return [.redraw]
        case .refreshNow:
            say("asking now")
            return screens.last is JournalScreen ? [.pollNow, .readJournal] : [.pollNow]
        case .pause: togglePause()
        case .faster: return stepRefresh(-1)
        case .slower: return stepRefresh(1)
        case .snapshot: return [.snapshot(path: snapshotName())]
        case .command: prompt = Prompt(.command)
        case .filter: prompt = Prompt(.filter, text: screens.last?.table?.filter.text ?? "")
        case .help: if let top = screens.last { open(HelpScreen(about: type(of: top))) }
        case .close: close()
        case .go(let name): go(name)
        case .rule(let name):
            if let screen = drillDown(name) { jump(screen) }
        case .maintenance:
            let scene = scene()
            return carryOut([MaintenanceKeys.request(screens.last?.row(scene), scene)])
        default:
            let scene = scene()
            return carryOut(screens[screens.count - 1].update(action, scene))
        }
        return []
    }

    /// Does what a screen, a key or a command asks for.
    private mutating func carryOut(_ requests: [Request]) -> [Effect] {
        requests.flatMap { request -> [Effect] in
            switch request {
            case .open(let screen): open(screen)
            case .go(let screen): jump(screen)
            case .perform(let action): return perform(action)
            case .prompt(let text): prompt = Prompt(.command, text: text)
            case .leave: close()
            case .say(let text): say(text)
            case .refuse(let why): say(why, isWarning: true)
            case .effect(.setRefresh(let seconds)): return setRefresh(seconds)
            case .effect(.beginAnew(let other)):
                forgetCluster()
                sentence = "Beginning anew with cluster \(other.id)."
                return [.beginAnew(other)]
            case .effect(let effect):
                if let why = obstacle(to: effect) {
                    say(why, isWarning: true)
                    return []
                }
                follow(effect)
                return [effect]
            }
            return []
        }
    }

    /// While a plan is carried out, ending asks what is to become of it.
    private mutating func quit() -> [Effect] {
        guard let execution, execution.isUnderWay, !(screens.last is QuitScreen) else {
            return [.quit]
        }
        open(QuitScreen(execution, canDetach: options.canDetach))
        return []
    }

    /// What was confirmed when it began is gone on with on that cluster alone.
    private func obstacle(to effect: Effect) -> String? {
        guard case .takeUpPlan = effect, let expected = options.policy.expectedClusterID,
            expected != view.cluster.clusterID
        else { return nil }
        return "this is cluster \(view.cluster.clusterID ?? "?"), and only \(expected) may be "
            + "changed here"
    }

    /// What is asked for of a plan is shown before it is answered.
    private mutating func follow(_ effect: Effect) {
        switch effect {
        case .carryOut(let confirmed, _)
        where type(of: confirmed.change).kind == ChangeRequest.ofPlans:
            execution = ExecutionView(
                title: confirmed.change.summary, resources: Set(confirmed.change.resources))
        case .takeUpPlan(let id, _):
            let entry = journal.entries.first { $0.id == id }
            var next = ExecutionView(
                title: entry?.summary ?? id, resources: Set(entry?.resources ?? []))
            next.id = id
            execution = next
            jump(MovesScreen())
        case .holdPlan(let isHeld): execution?.isHeld = isHeld
        case .setThrottle(let rate): execution?.throttle = rate
        case .stopPlan: execution?.isStopping = true
        default: break
        }
    }

    /// To the screen of this name: about the selected row where its key means that.
    private mutating func go(_ name: String) {
        guard let kind = allScreens.first(where: { $0.entry.name == name }) else { return }
        let scene = scene()
        if kind.entry.takesRow {
            let subject = screens.last?.subject(scene)
            if let screen = kind.init(subject, scene) {
                open((screen as? ConfigsScreen)?.widened(by: screens.last?.table?.marks) ?? screen)
            } else {
                say(
                    "\(kind.entry.title): not of \(subject.map { "\($0)" } ?? "this")",
                    isWarning: true)
            }
        } else if let screen = kind.init(nil, scene) {
            jump(screen)
        }
    }

    private mutating func togglePause() {
        isPaused.toggle()
        if !isPaused, let cluster = held {
            held = nil
            show(cluster)
        }
        say(isPaused ? "the picture is held; p lets it go on" : "the picture goes on")
    }

    private mutating func stepRefresh(_ step: Int) -> [Effect] {
        let steps = Limits.refreshSteps
        let next =
            step < 0
            ? steps.last { $0 < refreshSeconds } ?? steps[0]
            : steps.first { $0 > refreshSeconds } ?? steps[steps.count - 1]
        return setRefresh(next)
    }

    private mutating func setRefresh(_ seconds: Double) -> [Effect] {
        refreshSeconds = seconds
        say("what is visible is asked for every \(NumberFormat.duration(seconds))")
        return [.setRefresh(seconds: seconds)]
    }

    /// The file that `S` writes: the context and the time of day.
    private func snapshotName() -> String {
        let clock = localTime.filter { $0 != ":" }
        let name = options.contextName.unicodeScalars.map { scalar in
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "-_.".unicodeScalars.contains(scalar))
            return isPlain ? scalar : "-"
        }
        let stem = String(String.UnicodeScalarView(name.prefix(60)))
        return "highwater-\(stem)\(clock.isEmpty ? "" : "-" + clock).json"
    }

    // MARK: The prompt

    private mutating func takeInPrompt(_ key: Key) -> [Effect] {
        guard var open = prompt else { return [] }
        let answer = open.take(key, scene(), history: history)
        prompt = open
        switch (open.kind, answer) {
        case (.filter, .open):
            setFilter(open.string)
        case (.filter, .cancelled):
            prompt = nil
            setFilter(open.before)
        case (.filter, .done):
            if screens.last?.table?.filter.fault == nil { prompt = nil }
        case (.command, .cancelled): prompt = nil
        case (.command, .done): return enter(open.string)
        case (.command, .open): promptFault = nil
        }
        return []
    }

    private mutating func setFilter(_ text: String) {
        let scene = scene()
        screens[screens.count - 1].setFilter(text, scene)
    }

    private mutating func enter(_ line: String) -> [Effect] {
        let text = trimmed(line)
        guard !text.isEmpty else {
            prompt = nil
            return []
        }
        let request = run(text, scene())
        if case .refuse(let why) = request {
            promptFault = why
            return []
        }
        prompt = nil
        promptFault = nil
        if history.last != text { history.append(text) }
        if history.count > Limits.promptHistory { history.removeFirst() }
        return carryOut([request])
    }

    /// The rows behind a count of the strip; asked again, those of the next rule of its place.
    private func drillDown(_ name: String) -> (any Screen)? {
        guard let counted = ruleEntry(name), let place = counted.strip else { return nil }
        let chain = rules(atPlace: place.number)
        let shown = chain.firstIndex { $0.name == screens.last?.scope.rule }
        let counts = view.cluster.counts
        // One that stands in the strip only where there are any goes before a 0 beside it.
        let isNone = counts[name] ?? 0 == 0
        // Groups have many faults and one place.
        let quiet = chain.first {
            ($0.strip?.isQuiet == true || counted.rows == .groups) && counts[$0.name] ?? 0 > 0
        }
        return WrongScreen.screen(
            ofRowsBehind: shown.map { chain[($0 + 1) % chain.count] }
                ?? (isNone ? quiet : nil) ?? counted)
    }

    // MARK: The mouse

    private mutating func click(_ x: Int, _ y: Int) -> [Effect] {
        let regions = regions()
        if regions.strip.contains(x, y) {
            let hit = stripPieces(regions.strip.width).pieces.first { $0.columns.contains(x) }
            if let hit, let screen = drillDown(hit.rule.name) { open(screen) }
            return []
        }
        guard regions.body.contains(x, y) else { return [] }
        let scene = scene()
        return carryOut(screens[screens.count - 1].click(x: x, y: y, scene))
    }
}
