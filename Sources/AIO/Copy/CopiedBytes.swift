internal import Synchronization

/// Counts the bytes that a copy has written to its destination.
final class CopiedBytes: Sendable {
    let count = Atomic<Int64>(0)
}
