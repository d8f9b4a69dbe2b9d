// TerminalIO on real pseudo-terminals: every terminal type and locale it promises, everything that
// ends or interrupts a process, and the state the terminal is left in.

import Glibc
import Testing
import TransportTesting

private let probe = PtySession.built("TerminalProbe")

/// Drawn and waiting for a key.
private func isReady(_ screen: Screen) -> Bool {
    screen.contains("count 0") && screen.lines.last?.hasSuffix("#") == true
}

private func isLeft(_ session: PtySession, flags: UInt32) -> Bool {
    let modes = session.screen.modes
    return modes.isDisjoint(with: [1049, 1000, 1006, 2004, 1]) && modes.contains(25)
        && session.screen.attributes.isEmpty && session.flags == flags
}

private func started(
    _ arguments: [String] = [], term: String = "xterm-256color", locale: String = "C.UTF-8",
    environment: [String: String] = [:], columns: Int = 80, rows: Int = 24
) -> (session: PtySession, isReady: Bool) {
    let session = PtySession(
        probe, arguments, term: term, locale: locale, environment: environment, columns: columns,
        rows: rows)
    return (session, session.read(until: isReady))
}

@Suite(.serialized, .onOwnThread) struct TerminalTests {
    @Test func drawsOnEveryTerminal() {
        let cases = [
            ("xterm-256color", "indexed", true), ("screen-256color", "indexed", true),
            ("tmux-256color", "indexed", true), ("linux", "eight", true),
            ("vt100", "none", false), ("xterm", "eight", true), ("xterm-nonesuch", "indexed", true),
        ]
        for (term, depth, hasModes) in cases {
            let (session, isReady) = started(term: term)
            #expect(isReady, "\(term): \(session.screen.lines)")
            #expect(session.screen.lines[0] == "probe 80x24 \(depth)", "\(term)")
            #expect(session.screen.lines[1] == "● ▲ ⣿ │ é 日本 end", "\(term)")
            #expect(session.screen.modes.contains(1006) == hasModes, "\(term)")
            #expect(session.screen.modes.contains(2004) == hasModes, "\(term)")
            session.send("j")
            #expect(session.read { $0.contains("key character(\"j\")") }, "\(term)")
            session.send("\u{1b}[A")
            #expect(session.read { $0.contains("key up") }, "\(term)")
            session.send("\u{1b}OB")
            #expect(session.read { $0.contains("key down") }, "\(term)")
            session.send("\u{1b}")
            #expect(session.read { $0.contains("key escape") }, "\(term)")
            session.send("q")
            #expect(session.exitCode() == 0, "\(term)")
            #expect(session.screen.unknown == [], "\(term)")
            #expect(isLeft(session, flags: UInt32(ECHO | ICANON | ISIG)), "\(term)")
        }
    }

    @Test func refusesWhatCannotBeDrawnOn() {
        for (term, words) in [
            ("dumb", "TERM=dumb cannot place its cursor"), ("nonesuch", "is not in this host's"),
        ] {
            let session = PtySession(probe, term: term, columns: 200)
            #expect(session.exitCode() == 2)
            #expect(session.screen.contains(words), "\(session.screen.lines)")
            #expect(session.screen.modes == [25, 7])
        }
        let unset = PtySession(probe, term: nil, columns: 200)
        #expect(unset.exitCode() == 2)
        #expect(unset.screen.contains("TERM=(unset)"))
        let piped = PtySession(
            "/bin/sh", ["-c", "'\(probe)' < /dev/null"], columns: 200)
        #expect(piped.exitCode() == 2)
        #expect(piped.screen.contains("the console needs a terminal"))
    }

    @Test func drawsInASCIIWhereItMust() {
        for (locale, arguments) in [("C", []), ("POSIX", []), ("C.UTF-8", ["--ascii"])] {
            let (session, isReady) = started(arguments, locale: locale)
            #expect(isReady)
            #expect(session.screen.lines[1] == "* ! # | ? ???? end", "\(locale)")
            session.send("q")
            #expect(session.exitCode() == 0)
        }
        // UTF-8 was asked for, but this locale is not installed anywhere.
        let (session, isReady) = started(locale: "xx_XX.UTF-8")
        #expect(isReady)
        #expect(session.screen.lines[1] == "● ▲ ⣿ │ é 日本 end")
    }

    @Test func coloursAndMouseCanBeSwitchedOff() {
        let (session, isReady) = started(["--no-color", "--no-mouse"])
        #expect(isReady)
        #expect(session.screen.lines[0].hasSuffix("none"))
        #expect(session.screen.modes.isDisjoint(with: [1000, 1006]))
        #expect(session.screen.modes.contains(2004))
    }

    @Test func sendsOnlyWhatChanged() {
        let (session, isReady) = started(columns: 200, rows: 50)
        #expect(isReady)
        session.settle()
        let before = session.screen.byteCount
        session.send("S")
        #expect(session.read { $0.contains("key character(\"S\")") })
        session.settle()
        #expect(session.screen.byteCount - before < 100)
        // The same picture again.
        let same = session.screen.byteCount
        session.send("S")
        session.settle()
        #expect(session.screen.byteCount == same)
        session.send("\u{c}")
        #expect(session.read { $0.contains("control(\"l\")") })
        session.settle()
        #expect(session.screen.byteCount - same > 300)
        #expect(session.screen.lines[1] == "● ▲ ⣿ │ é 日本 end")
    }

    @Test func pastesClicksAndCopies() {
        let (session, isReady) = started()
        #expect(isReady)
        session.send("\u{1b}[200~q\rq\u{1b}[201~")
        #expect(session.read { $0.contains("key paste(\"q\\nq\")") })
        session.send("\u{1b}[<0;10;5M")
        #expect(session.read { $0.contains("key click(x: 9, y: 4)") })
        session.send("\u{1b}[<65;10;5M")
        #expect(session.read { $0.contains("key wheelDown") })
        session.send("Y")
        #expect(session.read { $0.commands.contains { $0.hasPrefix("52;c;Y29waWVk") } })
    }

    @Test func followsTheSize() {
        let (session, isReady) = started()
        #expect(isReady)
        for (columns, rows) in [(120, 40), (40, 12), (200, 60), (10, 3), (80, 24)] {
            session.resize(columns: columns, rows: rows)
            let wanted = "probe \(columns)x\(rows)".prefix(columns)
            #expect(
                session.read {
                    $0.lines[0].hasPrefix(wanted) && $0.lines[rows - 1].hasPrefix("last")
                        && $0.lines[rows - 1].hasSuffix("#")
                }, "\(columns)x\(rows): \(session.screen.lines)")
        }
    }

    @Test func signalsEndItWithTheirCode() {
        for signal in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
            let (session, isReady) = started()
            #expect(isReady)
            kill(session.child, signal)
            #expect(session.exitCode() == 128 + signal)
            #expect(isLeft(session, flags: UInt32(ECHO | ICANON | ISIG)), "signal \(signal)")
        }
    }

    @Test func aVanishedTerminalEndsIt() {
        let (session, isReady) = started()
        #expect(isReady)
        session.hangUp()
        #expect(session.exitCode(reads: false) == 128 + SIGHUP)
    }

    /// Under nohup no signal comes: the end of input is all there is.
    @Test func aVanishedTerminalEndsItWithoutASignal() {
        let session = PtySession("/bin/sh", ["-c", "trap '' HUP; exec '\(probe)'"])
        #expect(session.read(until: isReady))
        session.hangUp()
        #expect(session.exitCode(reads: false) == 129)
    }

    /// A slow reader gets the newest picture in the end, whole.
    @Test func aSlowTerminalCatchesUp() {
        let (session, isReady) = started(columns: 200, rows: 60)
        #expect(isReady)
        session.send("F")
        // Unread for a moment, so that frames are left out.
        #expect(session.exitCode(within: 0.2, reads: false) == nil)
        session.send("q")
        #expect(session.exitCode() == 0)
        #expect(isLeft(session, flags: UInt32(ECHO | ICANON | ISIG)))
    }

    @Test func aTerminalThatDoesNotReadCannotKeepIt() {
        for signal in [SIGTERM, SIGHUP] {
            let (session, isReady) = started(columns: 200, rows: 60)
            #expect(isReady)
            session.send("F")
            // Nothing is read from here on: the program's writes fill the terminal and block.
            #expect(session.exitCode(within: 1, reads: false) == nil)
            kill(session.child, signal)
            #expect(session.exitCode(reads: false) == 128 + signal)
            #expect(session.flags == UInt32(ECHO | ICANON | ISIG))
            session.settle()
            #expect(isLeft(session, flags: UInt32(ECHO | ICANON | ISIG)), "\(session.screen.modes)")
        }
    }

    @Test func aCrashLeavesTheTerminalUsable() {
        let (session, isReady) = started(columns: 150, rows: 60)
        #expect(isReady)
        session.send("X")
        let code = session.exitCode()
        #expect(code == 128 + SIGILL || code == 128 + SIGTRAP)
        #expect(isLeft(session, flags: UInt32(ECHO | ICANON | ISIG)))
        let saysWhy = session.screen.contains("asked to crash")
        #expect(saysWhy, "\(session.screen.lines)")
    }

    @Test func messagesWaitUntilTheScreenIsLeft() {
        let (session, isReady) = started()
        #expect(isReady)
        session.send("E")
        #expect(session.read { $0.contains("key character(\"E\")") })
        #expect(!session.screen.contains("held"))
        session.send("q")
        #expect(session.exitCode() == 0)
        #expect(session.screen.contains("held"))
    }

    /// Under a shell with job control: Ctrl-Z gives the shell back, fg repaints.
    @Test func suspendsAndComesBack() {
        let script =
            "set -m; '\(probe)'; echo; echo STOPPED; stty -a | tr ';' '\\n' | "
            + "grep -c '^isig.* icanon'; read x; fg; echo; echo CODE $?"
        let session = PtySession("/bin/bash", ["--norc", "-c", script])
        #expect(session.read(until: isReady))
        session.send("\u{1a}")
        #expect(session.read { $0.contains("STOPPED") && $0.lines.contains("1") })
        #expect(session.screen.modes.isDisjoint(with: [1049, 1000, 2004]))
        session.resize(columns: 100, rows: 30)
        session.send("\n")
        #expect(
            session.read { $0.contains("probe 100x30") && $0.lines[29].hasSuffix("#") },
            "\(session.screen.lines)")
        #expect(session.screen.modes.isSuperset(of: [1049, 1000, 2004]))
        session.send("q")
        #expect(session.read { $0.contains("CODE 0") }, "\(session.screen.lines)")
    }

    /// SIGTSTP and SIGSTOP from outside, and SIGCONT.
    @Test func outsideStopsRepaint() {
        let (session, isReady) = started()
        #expect(isReady)
        kill(session.child, SIGTSTP)
        // An orphaned process group does not stop; the picture comes back all the same.
        #expect(session.read { $0.contains("key resized") && $0.modes.contains(1049) })
        session.send("j")
        #expect(session.read { $0.contains("key character(\"j\")") })
        kill(session.child, SIGSTOP)
        kill(session.child, SIGCONT)
        #expect(session.read { $0.contains("key resized") })
        #expect(session.screen.lines[1] == "● ▲ ⣿ │ é 日本 end")
        session.send("q")
        #expect(session.exitCode() == 0)
    }
}
