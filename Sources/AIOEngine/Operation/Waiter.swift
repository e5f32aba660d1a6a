/// The task that waits for an operation, as a word, so that a scan can find out whether it was cancelled. Zero: none.
///
/// The engine knows nothing of tasks: ``Engine/Configuration/isCancelled`` says what became of a waiter. It is called
/// under the engine's lock and only while the operation is live, so the waiter cannot have gone away.
package struct Waiter: Sendable {
    package typealias IsCancelled = @Sendable @convention(c) (_ waiter: UInt) -> Bool

    package let bits: UInt
    package init(bits: UInt) { self.bits = bits }
    package static var none: Waiter { Waiter(bits: 0) }
}
