/// Names one operation for good: a slot, and which of its users.
package struct OperationID: Hashable, Sendable {
    package let index: UInt32
    package let generation: UInt32

    package init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// The ID in the word that `iocb.data` carries.
    package init(tag: UInt64) {
        index = UInt32(truncatingIfNeeded: tag)
        generation = UInt32(truncatingIfNeeded: tag >> 32)
    }

    /// The word for `iocb.data`.
    package var tag: UInt64 { UInt64(generation) << 32 | UInt64(index) }

    /// The engine's own poll on its wake-up event: no slot has this index.
    static let wake = OperationID(index: .max, generation: .max)
}
