/// Stands in for an operation's memory, and raises a flag when it is released.
final class Memory: Sendable {
    let isGone: Flag
    init(_ isGone: Flag) { self.isGone = isGone }
    deinit { isGone.raise() }
}
