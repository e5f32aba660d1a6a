import TestSupport
import Testing

@testable import AIOEngine

@Suite struct IndexListTests {
    @Test(arguments: 0..<20) func behavesAsAnArray(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var entries = ContiguousArray(repeating: OperationLedger.Entry(), count: 12)
        var list = IndexList()
        var model: [UInt32] = []
        for _ in 0..<500 {
            let index = UInt32.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where !model.contains(index):
                list.append(index, in: &entries)
                model.append(index)
            case 1 where !model.contains(index):
                list.prepend(index, in: &entries)
                model.insert(index, at: 0)
            case 2 where model.contains(index):
                list.remove(index, in: &entries)
                model.removeAll { $0 == index }
            case 3:
                #expect(list.popFirst(in: &entries) == (model.isEmpty ? nil : model.removeFirst()))
            default:
                continue
            }
            #expect(list.forward(in: entries) == model)
            #expect(list.backward(in: entries) == model.reversed())
            #expect(list.count == model.count)
            #expect(list.isEmpty == model.isEmpty)
            #expect(list.first == model.first)
        }
    }

    @Test func clearsTheLinksOfARemovedEntry() {
        var entries = ContiguousArray(repeating: OperationLedger.Entry(), count: 3)
        var list = IndexList()
        for index: UInt32 in 0..<3 { list.append(index, in: &entries) }
        list.remove(1, in: &entries)
        #expect(entries[1].next == .none)
        #expect(entries[1].previous == .none)
    }
}

extension IndexList {
    fileprivate func forward(in entries: ContiguousArray<OperationLedger.Entry>) -> [UInt32] {
        Array(sequence(first: head) { entries[Int($0)].next }.prefix { $0 != .none })
    }

    fileprivate func backward(in entries: ContiguousArray<OperationLedger.Entry>) -> [UInt32] {
        Array(sequence(first: tail) { entries[Int($0)].previous }.prefix { $0 != .none })
    }
}
