import AIO
import SystemPackage
import TestSupport
import Testing

/// Buffers are values: a copy keeps its bytes, whatever the kernel does to the original.
@Suite(.timeLimit(.minutes(5))) struct BufferValueTests {
    @Test(arguments: Setting.all)
    func copyMadeBeforeAReadIntoTheOriginalKeepsItsBytes(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            for (offset, count) in [(0, 4096), (8192, 65536), (5, 1000)] {
                var buffer = AIOBuffer(copying: repeatElement(UInt8(0x11), count: count))
                let copy = buffer
                #expect(try await file.read(at: Int64(offset), into: &buffer) == count)
                #expect(copy.isAll(0x11))
                #expect(fixture.pattern.matches(buffer, at: Int64(offset)))
            }
            var buffers = (0..<3).map { AIOBuffer(copying: repeatElement(UInt8($0), count: 4096)) }
            let copies = buffers
            #expect(try await file.read(at: 0, into: &buffers) == 12288)
            for (value, copy) in copies.enumerated() { #expect(copy.isAll(UInt8(value))) }
        }
    }

    @Test(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"), arguments: AIOFile.Caching.both)
    func bufferChangedDuringItsWriteLeavesTheOldBytesInTheFile(caching: AIOFile.Caching) async throws {
        let fs = try SlowFileSystem()
        let pattern = BytePattern(seed: 9)
        let path = try fs.addFile("data", size: 65536, pattern: BytePattern(seed: 8))
        try await withAIOContext { context async throws in
            let file = try await AIOFile.open(path, .readWrite, caching: caching, on: context)
            var buffer = AIOBuffer(copying: pattern.bytes(at: 0, count: 8192))
            if caching == .direct { try fs.hold(.write) }
            let written = Task { [buffer] in try await file.write(buffer, at: 4096) }
            if caching == .direct { try await fs.wait(for: .write, 1) }
            for index in buffer.indices { buffer[index] = 0xff }
            if caching == .direct { try fs.release(.write) }
            #expect(try await written.value == 8192)
            #expect(buffer.isAll(0xff))
            try await file.synchronize()
            let inFile = try contents(of: fs.backing.appending("data"), at: 4096, count: 8192)
            #expect(pattern.matches(inFile, at: 0))
        }
    }

    @Test func copiesInSeveralTasksAreIndependent() async throws {
        let pattern = BytePattern(seed: 4)
        let original = AIOBuffer(copying: pattern.bytes(at: 0, count: 10_000))
        await withTaskGroup(of: (UInt8, AIOBuffer).self) { group in
            for value: UInt8 in 0..<50 {
                group.addTask {
                    var copy = original
                    for index in stride(from: 0, to: copy.count, by: 7) { copy[index] = value }
                    await Task.yield()
                    return (value, copy)
                }
            }
            for await (value, copy) in group {
                var expected = pattern.bytes(at: 0, count: 10_000)
                for index in stride(from: 0, to: expected.count, by: 7) { expected[index] = value }
                #expect(copy.elementsEqual(expected))
            }
        }
        #expect(pattern.matches(original, at: 0))
    }

    @Test func everyWayToChangeACopyLeavesTheOriginal() {
        let original = AIOBuffer(copying: 0..<100)
        let changes: [(inout AIOBuffer) -> Void] = [
            { $0[3] = 200 },
            { $0.swapAt(0, 99) },
            { $0.reverse() },
            { $0.sort(by: >) },
            { $0[10..<20] = $0[30..<40] },
            { $0.withUnsafeMutableBytes { $0[5] = 99 } },
            { _ = $0.withContiguousMutableStorageIfAvailable { $0[5] = 99 } },
        ]
        for change in changes {
            var copy = original
            change(&copy)
            #expect(copy != original)
            #expect(original.elementsEqual(0..<100))
        }
    }

    @Test(arguments: Setting.all)
    func sliceKeepsItsBytesWhenTheBufferIsReadIntoAgain(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            var buffer = try await file.read(at: 1, count: 9000)
            let slice = buffer[100..<8000]
            #expect(try await file.read(at: 40_000, into: &buffer) == 9000)
            #expect(fixture.pattern.matches(slice, at: 101))
            #expect(fixture.pattern.matches(buffer, at: 40_000))
        }
    }
}
