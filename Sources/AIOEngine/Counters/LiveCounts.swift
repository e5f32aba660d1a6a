package import Synchronization

/// How many there are in this process, and were.
package enum LiveCounts {
    package static let contextsCreated = Atomic<Int>(0)
    package static let contextsDestroyed = Atomic<Int>(0)
}
