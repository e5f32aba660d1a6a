internal import AIOEngine
internal import Synchronization

extension LiveCounts {
    /// How many writers were dropped before they were finished.
    static let unfinishedWriters = Atomic<Int>(0)
}
