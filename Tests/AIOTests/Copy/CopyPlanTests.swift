import Testing

@testable import AIO

@Suite struct CopyPlanTests {
    /// Every sparse file of up to eight bytes, in chunks of every length: what is copied is its data.
    @Test func dataIsCopiedOnceAndHolesNever() {
        for length in 0...8 {
            for map in 0..<(1 << length) {
                for chunkLength in 1...4 { expectCopied(length, map, chunkLength) }
            }
        }
    }

    private func expectCopied(_ length: Int, _ map: Int, _ chunkLength: Int) {
        var plan = CopyPlan(total: Int64(length), chunkLength: chunkLength)
        var copied = 0
        var last: Int64 = 0
        loop: while true {
            switch plan.next() {
            case .finished: break loop
            case .findData(let offset):
                let start = (Int(offset)..<max(length, Int(offset))).first { map >> $0 & 1 == 1 }
                let end = start.map { start in (start..<length).first { map >> $0 & 1 == 0 } ?? length }
                plan.foundData(start.map { Int64($0)..<Int64(end!) })
            case .copy(let range):
                #expect(range.count <= chunkLength)
                for byte in range {
                    #expect(copied >> Int(byte) & 1 == 0)
                    copied |= 1 << Int(byte)
                }
                plan.copied(range, count: range.count)
            }
            #expect(plan.done >= last)
            last = plan.done
        }
        #expect(copied == map)
        #expect(plan.done == Int64(length))
        #expect(plan.end == Int64(length))
    }

    @Test func shortCopyEndsThePlan() {
        var plan = CopyPlan(total: 100, chunkLength: 10)
        plan.foundData(0..<100)
        guard case .copy(let chunk) = plan.next() else {
            Issue.record("nothing to copy")
            return
        }
        plan.copied(chunk, count: 3)
        #expect(plan.end == 3)
        // Behind the end there is nothing to copy and no data to look for.
        #expect(plan.next() == .finished)
        #expect(plan.isEndUncertain)
    }

    @Test func endIsUncertainOnlyWithoutDataBeforeIt() {
        var plan = CopyPlan(total: 100, chunkLength: 100)
        plan.foundData(40..<100)
        #expect(plan.next() == .copy(40..<100))
        plan.copied(40..<100, count: 60)
        #expect(plan.next() == .finished)
        #expect(!plan.isEndUncertain)
        var sparse = CopyPlan(total: 100, chunkLength: 100)
        sparse.foundData(nil)
        #expect(sparse.next() == .finished)
        #expect(sparse.isEndUncertain)
    }

    /// A source that has grown has data past what is copied.
    @Test func dataPastTheEndIsNotCopied() {
        var plan = CopyPlan(total: 100, chunkLength: 1000)
        plan.foundData(90..<300)
        #expect(plan.next() == .copy(90..<100))
        var other = CopyPlan(total: 100, chunkLength: 1000)
        other.foundData(200..<300)
        #expect(other.next() == .finished)
        #expect(other.done == 100)
    }
}
