/// Names one operation for good: a loop, a slot of it, and which of the slot's users.
package struct OperationID: Hashable, Sendable {
    package let index: UInt32
    package let generation: UInt32
    /// Which loop of its engine has the operation.
    package let loop: UInt16

    package init(index: UInt32, generation: UInt32, loop: UInt16 = 0) {
        self.index = index
        self.generation = generation
        self.loop = loop
    }

    /// The ID in the word that `iocb.data` carries, on the loop whose kernel context has the iocb.
    package init(tag: UInt64, loop: UInt16 = 0) {
        self.init(
            index: UInt32(truncatingIfNeeded: tag), generation: UInt32(truncatingIfNeeded: tag >> 32), loop: loop)
    }

    /// The word for `iocb.data`.
    package var tag: UInt64 { UInt64(generation) << 32 | UInt64(index) }

    /// The word of a kernel context's own poll on its wake-up event: no slot has this index.
    static let wakeTag = UInt64.max
}
