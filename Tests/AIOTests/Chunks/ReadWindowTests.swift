import Testing

@testable import AIO

@Suite struct ReadWindowTests {
    @Test func readsCoverTheRangeInOrderAndNeverExceedTheCapacity() {
        for length in 0...12 {
            for chunkLength in 1...5 {
                for capacity in 1...4 {
                    expectCover(100..<(100 + Int64(length)), chunkLength, capacity)
                }
            }
        }
    }

    private func expectCover(_ range: Range<Int64>, _ chunkLength: Int, _ capacity: Int) {
        var window = ReadWindow(range, chunkLength: chunkLength, capacity: capacity)
        var position = range.lowerBound
        var inUse: [Int] = []
        while true {
            while let read = window.add() {
                #expect(!inUse.contains(read.index))
                inUse.append(read.index)
                #expect((0..<capacity).contains(read.index))
            }
            #expect(inUse.count <= capacity)
            #expect(inUse.count == window.count)
            #expect((0..<window.count).map(window.index) == inUse)
            guard let oldest = window.oldest else { break }
            #expect(oldest.index == inUse.removeFirst())
            #expect(oldest.offset == position)
            position += Int64(oldest.count)
            #expect(oldest.count == chunkLength || position == range.upperBound)
            window.removeOldest()
        }
        #expect(position == range.upperBound)
    }

    @Test func windowAtTheLargestOffsetDoesNotOverflow() {
        var window = ReadWindow((.max - 3)..<(.max), chunkLength: 2, capacity: 4)
        #expect(window.add() == .init(index: 0, offset: .max - 3, count: 2))
        #expect(window.add() == .init(index: 1, offset: .max - 1, count: 1))
        #expect(window.add() == nil)
    }
}
