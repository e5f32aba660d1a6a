import Testing

@testable import AIOEngine

@Suite struct IndexListTests {
    @Test(arguments: 0..<20) func behavesAsAnArray(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var records = ContiguousArray(repeating: OperationLedger.Record(), count: 12)
        var list = IndexList()
        var model: [UInt32] = []
        for _ in 0..<500 {
            let index = UInt32.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where !model.contains(index):
                list.append(index, in: &records)
                model.append(index)
            case 1 where !model.contains(index):
                list.prepend(index, in: &records)
                model.insert(index, at: 0)
            case 2 where model.contains(index):
                list.remove(index, in: &records)
                model.removeAll { $0 == index }
            case 3:
                #expect(list.popFirst(in: &records) == (model.isEmpty ? nil : model.removeFirst()))
            default:
                continue
            }
            #expect(list.forward(in: records) == model)
            #expect(list.backward(in: records) == model.reversed())
            #expect(list.count == model.count)
            #expect(list.isEmpty == model.isEmpty)
            #expect(list.first == model.first)
        }
    }

    @Test func leavesNoLinksInWhatLeft() {
        var records = ContiguousArray(repeating: OperationLedger.Record(), count: 3)
        var list = IndexList()
        for index: UInt32 in 0..<3 { list.append(index, in: &records) }
        list.remove(1, in: &records)
        #expect(records[1].next == .none)
        #expect(records[1].previous == .none)
    }
}

extension IndexList {
    func forward(in records: ContiguousArray<OperationLedger.Record>) -> [UInt32] {
        Array(sequence(first: head) { records[Int($0)].next }.prefix { $0 != .none })
    }

    func backward(in records: ContiguousArray<OperationLedger.Record>) -> [UInt32] {
        Array(sequence(first: tail) { records[Int($0)].previous }.prefix { $0 != .none })
    }
}
