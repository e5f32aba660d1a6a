/// A first-in first-out list through the records themselves: no allocation, and any member leaves in O(1).
struct IndexList {
    private(set) var head: UInt32 = .none
    private(set) var tail: UInt32 = .none
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: UInt32? { head == .none ? nil : head }

    mutating func append(_ index: UInt32, in records: inout ContiguousArray<OperationLedger.Record>) {
        records[Int(index)].previous = tail
        records[Int(index)].next = .none
        if tail == .none { head = index } else { records[Int(tail)].next = index }
        tail = index
        count += 1
    }

    mutating func prepend(_ index: UInt32, in records: inout ContiguousArray<OperationLedger.Record>) {
        records[Int(index)].previous = .none
        records[Int(index)].next = head
        if head == .none { tail = index } else { records[Int(head)].previous = index }
        head = index
        count += 1
    }

    mutating func popFirst(in records: inout ContiguousArray<OperationLedger.Record>) -> UInt32? {
        guard head != .none else { return nil }
        let index = head
        remove(index, in: &records)
        return index
    }

    mutating func remove(_ index: UInt32, in records: inout ContiguousArray<OperationLedger.Record>) {
        let (previous, next) = (records[Int(index)].previous, records[Int(index)].next)
        if previous == .none { head = next } else { records[Int(previous)].next = next }
        if next == .none { tail = previous } else { records[Int(next)].previous = previous }
        records[Int(index)].previous = .none
        records[Int(index)].next = .none
        count -= 1
    }
}
