internal import Synchronization

/// Bytes that are in the destination.
final class CopiedBytes: Sendable {
    let count = Atomic<Int64>(0)
}
