/// A first-in first-out list through the entries themselves: no allocation, and any member leaves in O(1).
struct IndexList {
    private(set) var head: UInt32 = .none
    private(set) var tail: UInt32 = .none
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: UInt32? { head == .none ? nil : head }

    mutating func append(_ index: UInt32, in entries: inout ContiguousArray<OperationLedger.Entry>) {
        entries[Int(index)].previous = tail
        entries[Int(index)].next = .none
        if tail == .none { head = index } else { entries[Int(tail)].next = index }
        tail = index
        count += 1
    }

    mutating func prepend(_ index: UInt32, in entries: inout ContiguousArray<OperationLedger.Entry>) {
        entries[Int(index)].previous = .none
        entries[Int(index)].next = head
        if head == .none { tail = index } else { entries[Int(head)].previous = index }
        head = index
        count += 1
    }

    mutating func popFirst(in entries: inout ContiguousArray<OperationLedger.Entry>) -> UInt32? {
        guard head != .none else { return nil }
        let index = head
        remove(index, in: &entries)
        return index
    }

    mutating func remove(_ index: UInt32, in entries: inout ContiguousArray<OperationLedger.Entry>) {
        let (previous, next) = (entries[Int(index)].previous, entries[Int(index)].next)
        if previous == .none { head = next } else { entries[Int(previous)].next = next }
        if next == .none { tail = previous } else { entries[Int(next)].previous = previous }
        entries[Int(index)].previous = .none
        entries[Int(index)].next = .none
        count -= 1
    }
}
