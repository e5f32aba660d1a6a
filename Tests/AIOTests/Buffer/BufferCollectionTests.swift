import AIO
import TestSupport
import Testing

@Suite struct BufferCollectionTests {
    private static let counts = [0, 1, 2, 15, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1]

    @Test(arguments: counts)
    func newBufferIsZeroAndAligned(count: Int) {
        for alignment in [1, 512, 4096, 65536] {
            let buffer = AIOBuffer(count: count, alignment: alignment)
            #expect(buffer.count == count)
            #expect(buffer.capacity >= count)
            #expect(buffer.isAll(0))
            buffer.withUnsafeBytes { #expect(count == 0 || Int(bitPattern: $0.baseAddress) % alignment == 0) }
        }
        let buffer = AIOBuffer(count: count)
        buffer.withUnsafeBytes { #expect(count == 0 || Int(bitPattern: $0.baseAddress) % 4096 == 0) }
    }

    @Test(arguments: counts)
    func bufferThatCopiesBytesHasTheSameBytes(count: Int) {
        let bytes = BytePattern(seed: 2).bytes(at: 0, count: count)
        #expect(Array(AIOBuffer(copying: bytes)) == bytes)
        #expect(Array(AIOBuffer(copying: bytes[...])) == bytes)
        #expect(Array(AIOBuffer(copying: bytes.lazy.map { $0 })) == bytes)
        #expect(Array(AIOBuffer(copying: AIOBuffer(copying: bytes))) == bytes)
        #expect(Array(bytes.withUnsafeBytes { AIOBuffer(copying: $0) }) == bytes)
    }

    @Test func emptyBuffersAreEmptyInEveryAccess() {
        for buffer in [AIOBuffer(), AIOBuffer(count: 0), AIOBuffer(copying: [UInt8]())] {
            #expect(buffer.isEmpty && buffer.count == 0 && buffer.startIndex == buffer.endIndex)
            #expect(buffer == AIOBuffer())
            #expect(buffer.withUnsafeBytes { $0.count } == 0)
            #expect(buffer.withBytes { $0.byteCount } == 0)
            #expect(buffer.withContiguousStorageIfAvailable { $0.count } == 0)
            #expect(Array(buffer) == [])
            var copy = buffer
            copy.withUnsafeMutableBytes { #expect($0.isEmpty) }
        }
    }

    /// Makes the same random changes to a buffer and to an array.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func bufferBehavesAsAnArrayDoes(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var model = (0..<257).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var buffer = AIOBuffer(copying: model)
        var copies: [(AIOBuffer, [UInt8])] = []
        for _ in 0..<500 {
            let (first, second) = (
                Int.random(in: 0..<257, using: &generator), Int.random(in: 0..<257, using: &generator)
            )
            let range = min(first, second)..<max(first, second)
            switch UInt8.random(in: 0..<7, using: &generator) {
            case 0: (buffer[first], model[first]) = (UInt8(second & 255), UInt8(second & 255))
            case 1:
                buffer.swapAt(first, second)
                model.swapAt(first, second)
            case 2:
                buffer[range].reverse()
                model[range].reverse()
            case 3:
                buffer[range].sort()
                model[range].sort()
            case 4: #expect(buffer.partition { $0 < 128 } == model.partition { $0 < 128 })
            case 5:
                buffer.withUnsafeMutableBytes { bytes in for index in range { bytes[index] ^= 0x55 } }
                for index in range { model[index] ^= 0x55 }
            default: copies.append((buffer, model))
            }
            #expect(buffer.elementsEqual(model))
            #expect(buffer.firstIndex(of: 7) == model.firstIndex(of: 7))
            #expect(buffer[range].elementsEqual(model[range]))
            #expect(Array(buffer.reversed().prefix(9)) == Array(model.reversed().prefix(9)))
        }
        for (copy, model) in copies { #expect(copy.elementsEqual(model)) }
    }

    @Test func indicesBehaveAsThoseOfAnArray() {
        let buffer = AIOBuffer(copying: 0..<10)
        #expect(buffer.indices == 0..<10)
        #expect(buffer.index(after: 3) == 4)
        #expect(buffer.index(9, offsetBy: -9) == 0)
        #expect(buffer.index(0, offsetBy: 11, limitedBy: 10) == nil)
        #expect(buffer.distance(from: 9, to: 2) == -7)
        #expect(buffer.first == 0 && buffer.last == 9)
        #expect(buffer.dropFirst(3).elementsEqual(3..<10))
    }

    @Test func spanSeesTheBytes() {
        let buffer = AIOBuffer(copying: 0..<100)
        let sum = buffer.withBytes { span in
            (0..<span.byteCount).reduce(0) { $0 + Int(span.unsafeLoad(fromByteOffset: $1, as: UInt8.self)) }
        }
        #expect(sum == 4950)
    }

    @Test func equalityAndHashDependOnTheBytes() {
        let one = AIOBuffer(copying: 0..<50)
        let other = AIOBuffer(copying: Array(0..<50))
        #expect(one == other && one.hashValue == other.hashValue)
        #expect(one != AIOBuffer(copying: 0..<49))
        #expect(one != AIOBuffer(copying: (0..<50).map { $0 == 49 ? 0 : $0 }))
        #expect(Set([one, other, AIOBuffer()]).count == 2)
        #expect([one: 1][other] == 1)
    }

    @Test func descriptionShowsNoBytes() {
        #expect("\(AIOBuffer(copying: [1, 2, 3] as [UInt8]))" == "AIOBuffer(3 bytes)")
    }

    @Test func indexOutOfBoundsTraps() async {
        await #expect(processExitsWith: .failure) { _ = AIOBuffer(count: 3)[3] }
        await #expect(processExitsWith: .failure) { _ = AIOBuffer(count: 3)[-1] }
        await #expect(processExitsWith: .failure) {
            var buffer = AIOBuffer(count: 3)
            buffer[3] = 1
        }
        await #expect(processExitsWith: .failure) { _ = AIOBuffer(count: -1) }
    }
}
