// The whole state of what is shown: a stack of screens over the newest picture of the cluster.

internal import ClusterModel
package import Drawing

/// Everything the console shows. `update` is a plain function of events: no clock, no input or
/// output; the same events give the same frames.
package struct ScreenState: Sendable {
    var options: ScreenOptions
    var width = 80
    var height = 24
    var sentence = ""

    package init(options: ScreenOptions) {
        self.options = options
    }

    /// Takes one event in and says what is to be done because of it.
    package mutating func update(_ event: Event) -> [Effect] {
        switch event {
        case .resized(let width, let height):
            self.width = width
            self.height = height
        case .connecting(let text): sentence = text
        case .key(.control("c")): return [.quit]
        default: break
        }
        return []
    }

    /// The frame for the present state and size.
    package func render() -> Frame {
        Frame(width: width, height: height)
    }
}
