package import SystemPackage

/// An operation that has not completed, as it was seen under the lock.
package struct LiveOperation: Sendable {
    package enum Stage: Sendable {
        /// It waits for a permit or a thread.
        case waiting
        /// The kernel has it.
        case inKernel
        /// A blocking thread makes the call, or is about to submit it.
        case onThread
    }

    package var kind: OperationKind
    package var stage: Stage
    /// Whether its waiter has left.
    package var isAbandoned: Bool
    package var ageNanoseconds: UInt64
    /// The descriptor it works on; nil for an opening.
    package var descriptor: Int32?
    /// The path that an opening was given; the path of any other is found by the descriptor.
    package var path: FilePath?
    package var offset: Int64?
    package var count: Int?
}
