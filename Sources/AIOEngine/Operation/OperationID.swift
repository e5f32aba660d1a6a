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
            index: UInt32(truncatingIfNeeded: tag) & Self.largestIndex,
            generation: UInt32(truncatingIfNeeded: tag >> 32),
            loop: loop)
    }

    /// The word for `iocb.data` of the operation's first submission.
    package var tag: UInt64 { tag(ofSubmission: 0) }

    /// The word for `iocb.data`: generation, number of the submission, index. An operation that the kernel would not start
    /// without blocking is submitted a second time, and a late event of the first must not complete the second.
    package func tag(ofSubmission number: UInt8) -> UInt64 {
        UInt64(generation) << 32 | UInt64(number) << 24 | UInt64(index)
    }

    /// The number of the submission in the word that `iocb.data` carries.
    package static func submission(of tag: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: tag >> 24) }

    /// The index has 24 bits of the word.
    package static let largestIndex: UInt32 = 1 << 24 - 1

    /// The word of a kernel context's own poll on its wake-up event. No slot of a ledger has this index.
    static let wakeTag = UInt64.max
}
