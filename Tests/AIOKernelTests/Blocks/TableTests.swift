import AIOKernel
import CAIOShims
import Testing

@Suite struct TableTests {
    @Test func blocksStartZeroedAndKeepWhatIsStored() {
        var table = ControlBlockTable(count: 3)
        #expect(table.count == 3)
        #expect((0..<3).allSatisfy { table[$0].data == 0 && table[$0].raw.opcode == 0 && table[$0].flags == [] })
        table[1].data = 7
        table[1].flags = [.noWait, .append]
        #expect(table[1].data == 7)
        #expect(table[1].raw.rw_flags == 0x18)
        #expect(table[0].data == 0 && table[2].data == 0)
    }

    @Test(arguments: [0, -1, Int.min])
    func tableOfNoBlocksIsEmpty(count: Int) {
        #expect(ControlBlockTable(count: count).count == 0)
    }

    @Test func indexAtTheEndTraps() async {
        await #expect(processExitsWith: .failure) {
            let table = ControlBlockTable(count: 2)
            _ = table[2]
        }
    }

    @Test func negativeIndexTraps() async {
        await #expect(processExitsWith: .failure) {
            var table = ControlBlockTable(count: 2)
            table[-1] = ControlBlock()
        }
    }
}
