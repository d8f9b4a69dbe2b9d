// Keys and commands: from the table of bindings to the screens and to effects.

internal import ClusterModel
internal import Drawing

extension ScreenState {
    mutating func take(_ key: Key) -> [Effect] {
        if prompt != nil { return takeInPrompt(key) }
        if case .paste = key { return [] }
        if case .click(let x, let y) = key { return click(x, y) }
        guard let top = screens.last else { return [] }
        guard let action = Keymap.action(key, in: top.content.kind) else { return [] }
        notice = nil
        return perform(action)
    }

    mutating func perform(_ action: Action) -> [Effect] {
        switch action {
        case .quit: return [.quit]
        case .suspend: return [.suspend]
        case .redraw: return [.redraw]
        case .refreshNow:
            say("asking now")
            return [.pollNow]
        case .pause: return [togglePause()]
        case .faster: return stepRefresh(-1)
        case .slower: return stepRefresh(1)
        case .snapshot: return snapshot("")
        case .command:
            prompt = Prompt(.command)
            return []
        case .filter:
            prompt = Prompt(.filter, text: screens.last?.content.table?.filter.text ?? "")
            return []
        case .help:
            guard let top = screens.last?.content.kind else { return [] }
            if top == .help { close() } else { open(.help(HelpScreen(about: top))) }
            return []
        case .close:
            close()
            return []
        case .go(let kind): return go(kind)
        case .fault(let number):
            if let screen = faultScreen(number) { jump(screen) }
            return []
        case .throughputOfRow:
            let subject = screens.last?.content.subject(scene()) ?? .cluster
            open(.throughput(ThroughputScreen(subject)))
            return []
        default: return pass(action)
        }
    }

    /// Gives the action to the top screen and does what it asks for.
    private mutating func pass(_ action: Action) -> [Effect] {
        let scene = scene()
        return follow(screens[screens.count - 1].change { $0.update(action, scene) })
    }

    private mutating func follow(_ outcomes: [Outcome]) -> [Effect] {
        var effects: [Effect] = []
        for outcome in outcomes {
            switch outcome {
            case .open(let screen): open(screen)
            case .copy(let text): effects.append(.copy(text))
            case .notice(let text): say(text)
            case .leave: close()
            }
        }
        return effects
    }

    private mutating func go(_ kind: ScreenKind) -> [Effect] {
        if kind == .overview {
            screens.removeLast(screens.count - 1)
            observe(isResting: true)
        } else if let screen = Screen.of(kind) {
            jump(screen)
        }
        return []
    }

    /// The rows behind a count of the health strip.
    func faultScreen(_ number: Int) -> Screen? {
        switch number {
        case 1: return .partitions(PartitionsScreen(Scope(fault: .offline)))
        case 2: return .partitions(PartitionsScreen(Scope(fault: .underMinISR)))
        case 3: return .brokers(BrokersScreen())
        case 4: return .partitions(PartitionsScreen(Scope(fault: .underReplicated)))
        case 5: return .partitions(PartitionsScreen(Scope(fault: .wrongLeader)))
        case 6: return .partitions(PartitionsScreen(Scope(fault: .moving)))
        case 7: return .groups(GroupsScreen(isFaultsOnly: true))
        case 8: return .volumes(VolumesScreen())
        default: return nil
        }
    }

    private mutating func togglePause() -> Effect {
        isPaused.toggle()
        if !isPaused, let cluster = held {
            held = nil
            show(cluster)
        }
        say(isPaused ? "the picture is held; p lets it go on" : "the picture goes on")
        return .pause(isPaused)
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

    private mutating func snapshot(_ path: String) -> [Effect] {
        if !path.isEmpty { return [.snapshot(path: path)] }
        let clock = localTime.filter { $0 != ":" }
        let name = options.contextName.unicodeScalars.map { scalar in
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "-_.".unicodeScalars.contains(scalar))
            return isPlain ? scalar : "-"
        }
        let stem = String(String.UnicodeScalarView(name.prefix(60)))
        return [.snapshot(path: "highwater-\(stem)\(clock.isEmpty ? "" : "-" + clock).json")]
    }

    // MARK: The prompt

    private mutating func takeInPrompt(_ key: Key) -> [Effect] {
        guard var open = prompt else { return [] }
        let answer = open.take(key, picture.cluster, history: history)
        prompt = open
        switch (open.kind, answer) {
        case (.filter, .open):
            setFilter(open.string)
        case (.filter, .cancelled):
            prompt = nil
            setFilter(open.before)
        case (.filter, .done):
            if screens.last?.content.table?.filter.fault == nil { prompt = nil }
        case (.command, .cancelled): prompt = nil
        case (.command, .done): return enter(open.string)
        case (.command, .open): promptFault = nil
        }
        return []
    }

    private mutating func setFilter(_ text: String) {
        let scene = scene()
        screens[screens.count - 1].change { $0.setFilter(text, scene) }
    }

    private mutating func enter(_ line: String) -> [Effect] {
        let text = trimmed(line)
        guard !text.isEmpty else {
            prompt = nil
            return []
        }
        let result = run(text, scene())
        if case .fault(let why) = result {
            promptFault = why
            return []
        }
        prompt = nil
        promptFault = nil
        if history.last != text { history.append(text) }
        if history.count > Limits.promptHistory { history.removeFirst() }
        switch result {
        case .action(let action): return perform(action)
        case .open(let screen):
            jump(screen)
            return []
        case .refresh(let seconds): return setRefresh(seconds)
        case .snapshot(let path): return snapshot(path)
        case .fault: return []
        }
    }

    // MARK: The mouse

    private mutating func click(_ x: Int, _ y: Int) -> [Effect] {
        let regions = regions()
        if regions.strip.contains(x, y) {
            let hit = stripPieces(regions.strip.width).pieces.first { $0.columns.contains(x) }
            if let hit, let screen = faultScreen(hit.number) { open(screen) }
            return []
        }
        guard regions.body.contains(x, y) else { return [] }
        let scene = scene()
        return follow(screens[screens.count - 1].change { $0.click(x: x, y: y, scene) })
    }
}
