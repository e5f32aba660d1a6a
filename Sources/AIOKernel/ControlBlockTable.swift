/// Control blocks at addresses that do not move, which is what io_submit(2) and io_cancel(2) go by.
///
/// Freed with the value. The kernel copies a block at submit, so a table may go while its requests are in
/// flight; what it can no longer do then is cancel them.
public struct ControlBlockTable: ~Copyable, @unchecked Sendable {
    // Unchecked: a pointer is not, but this one has a single owner, which the type enforces.
    let blocks: UnsafeMutablePointer<ControlBlock>
    /// How many blocks there are, 0 and up.
    public let count: Int

    /// A table of `count` zeroed blocks (a zeroed block is a read of no bytes from descriptor 0); a
    /// negative count makes an empty one.
    public init(count: Int) {
        self.count = max(0, count)
        blocks = .allocate(capacity: max(1, self.count))
        blocks.initialize(repeating: ControlBlock(), count: self.count)
    }

    deinit { blocks.deallocate() }

    /// The block at `index`, which must be one of the table's, as with an array.
    public subscript(index: Int) -> ControlBlock {
        get {
            precondition(contains(index), "control block \(index) of a table of \(count)")
            return blocks[index]
        }
        set {
            precondition(contains(index), "control block \(index) of a table of \(count)")
            blocks[index] = newValue
        }
    }

    func contains(_ index: Int) -> Bool { index >= 0 && index < count }
}
