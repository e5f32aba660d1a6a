internal import AIOEngine
internal import Synchronization

extension LiveCounts {
    /// Writers that were dropped before they were finished.
    static let unfinishedWriters = Atomic<Int>(0)
}
