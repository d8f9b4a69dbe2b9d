// What a round asks of many brokers, some of them at a time: building the questions to a thousand
// brokers takes a quarter of a second, in which the first of them could answer already.
import Transport

/// Work of one round, a piece for each broker, done so many at a time with a look at what was
/// answered between.
final class Slices {
    private unowned let observer: Observer
    private let most: Int
    /// What is left to do, the next last.
    private var left: [() -> Void] = []

    /// - Parameter most: how many pieces are done at once.
    init(_ observer: Observer, most: Int) {
        self.observer = observer
        self.most = most
    }

    /// Does the first pieces now, the others in the next turns of the loop; few are done at once.
    func start(_ pieces: [() -> Void]) {
        finish()
        left = pieces.reversed()
        guard left.count > most else { return finish() }
        observer.beginWork()
        next()
        goOn()
    }

    /// Does now what is left of the round before.
    func finish() {
        while let piece = left.popLast() { piece() }
    }

    private func next() {
        for piece in left.suffix(most).reversed() { piece() }
        left.removeLast(min(most, left.count))
    }

    private func goOn() {
        observer.loop.after(0) { [weak self] in
            guard let self else { return }
            next()
            if left.isEmpty { observer.endWork() } else { goOn() }
        }
    }
}
