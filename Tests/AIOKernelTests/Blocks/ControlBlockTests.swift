import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

/// Each kind of control block has its effect on a real file.
@Suite struct ControlBlockTests {
    let file: PatternFile
    let open: OpenDescriptor

    init() throws {
        file = try PatternFile(size: 64 << 10, seed: 5)
        open = try file.open(.readWrite)
    }

    private func contents(at offset: Int64, _ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = try open.descriptor.read(
                fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    @Test(arguments: [(Int64(0), 4096), (1, 100), (65535, 1), (60000, 5536)])
    func readPutsTheBytesAtTheOffsetIntoTheBuffer(offset: Int64, count: Int) throws {
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: count)
        #expect(try context.result(of: .read(open.descriptor, into: memory.bytes, at: offset)) == count)
        #expect(file.pattern.firstMismatch(in: memory.readOnly, at: offset) == nil)
    }

    @Test func readAcrossAndBeyondTheEndIsShort() throws {
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 100, filler: 0xee)
        #expect(try context.result(of: .read(open.descriptor, into: memory.bytes, at: 65500)) == 36)
        #expect(file.pattern.matches(memory.bytes.prefix(36), at: 65500))
        #expect(memory.bytes.dropFirst(36).allSatisfy { $0 == 0xee })
        #expect(try context.result(of: .read(open.descriptor, into: memory.bytes, at: 65536)) == 0)
        #expect(try context.result(of: .read(open.descriptor, into: memory.bytes, at: 1 << 40)) == 0)
    }

    @Test func writePutsTheBufferAtTheOffset() throws {
        let context = try KernelContext(capacity: 1)
        let other = BytePattern(seed: 99)
        let memory = AlignedMemory(other, at: 1000, count: 500)
        #expect(try context.result(of: .write(open.descriptor, from: memory.readOnly, at: 1000)) == 500)
        #expect(other.matches(try contents(at: 1000, 500), at: 1000))
        #expect(file.pattern.matches(try contents(at: 0, 1000), at: 0))
        #expect(file.pattern.matches(try contents(at: 1500, 1000), at: 1500))
    }

    @Test func writeBeyondTheEndExtendsTheFile() throws {
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(file.pattern, at: 65536, count: 4096)
        #expect(try context.result(of: .write(open.descriptor, from: memory.readOnly, at: 65536)) == 4096)
        #expect(try open.size() == 65536 + 4096)
    }

    @Test func readVectorsScattersInOrder() throws {
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 300)
        // Backwards in memory, so that the order can only come from the vectors.
        let vectors = [(200, 100), (50, 150), (0, 50)].map {
            caio_iovec(iov_base: memory.bytes.baseAddress! + $0.0, iov_len: $0.1)
        }
        let result = try vectors.withUnsafeBufferPointer {
            try context.result(of: .readVectors(open.descriptor, into: $0, at: 7))
        }
        #expect(result == 300)
        #expect(file.pattern.matches(memory.bytes[200..<300], at: 7))
        #expect(file.pattern.matches(memory.bytes[50..<200], at: 107))
        #expect(file.pattern.matches(memory.bytes[0..<50], at: 257))
    }

    @Test func writeVectorsGathersInOrder() throws {
        let context = try KernelContext(capacity: 1)
        let other = BytePattern(seed: 8)
        let parts = [AlignedMemory(other, at: 0, count: 10), AlignedMemory(other, at: 10, count: 4000)]
        // An array does not outlive its last use in an optimized build, and the vectors are only addresses.
        defer { withExtendedLifetime(parts) {} }
        let vectors = parts.map { caio_iovec(iov_base: $0.bytes.baseAddress, iov_len: $0.bytes.count) }
        let result = try vectors.withUnsafeBufferPointer {
            try context.result(of: .writeVectors(open.descriptor, from: $0, at: 0))
        }
        #expect(result == 4010)
        #expect(other.matches(try contents(at: 0, 4010), at: 0))
        #expect(file.pattern.matches(try contents(at: 4010, 100), at: 4010))
    }

    @Test func noVectorsTransferNothing() throws {
        let context = try KernelContext(capacity: 1)
        let none = UnsafeBufferPointer<caio_iovec>(start: nil, count: 0)
        #expect(try context.result(of: .readVectors(open.descriptor, into: none, at: 0)) == 0)
        #expect(try context.result(of: .writeVectors(open.descriptor, from: none, at: 0)) == 0)
    }

    @Test func emptyBufferTransfersNothing() throws {
        let context = try KernelContext(capacity: 1)
        let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        #expect(try context.result(of: .read(open.descriptor, into: none, at: 0)) == 0)
        #expect(try context.result(of: .write(open.descriptor, from: UnsafeRawBufferPointer(none), at: 0)) == 0)
        #expect(file.pattern.matches(try contents(at: 0, 4096), at: 0))
    }

    @Test(arguments: [false, true])
    func synchronizeCompletesWithZero(dataOnly: Bool) throws {
        let context = try KernelContext(capacity: 1)
        let block = ControlBlock.synchronize(open.descriptor, dataOnly: dataOnly, data: 4)
        #expect(block.raw.opcode == UInt16(dataOnly ? CAIO_CMD_FDSYNC : CAIO_CMD_FSYNC))
        #expect(try context.result(of: block) == 0)
    }

    @Test func pollReportsTheEventsThatAreReady() throws {
        let context = try KernelContext(capacity: 1)
        let pipe = try OpenDescriptor.pipe()
        #expect(try context.result(of: .poll(pipe.write.descriptor, for: writable)) == Int(writable))
        _ = try pipe.write.descriptor.write([1], bytes: 1)
        #expect(try context.result(of: .poll(pipe.read.descriptor, for: readable | writable)) == Int(readable))
    }

    @Test func everyBuilderCarriesItsData() throws {
        let memory = AlignedMemory(count: 16)
        let vectors = [caio_iovec(iov_base: memory.bytes.baseAddress, iov_len: 16)]
        let context = try KernelContext(capacity: 8)
        try vectors.withUnsafeBufferPointer { vectors in
            let table = ControlBlockTable([
                .read(open.descriptor, into: memory.bytes, at: 0, data: 10),
                .write(open.descriptor, from: memory.readOnly, at: 0, data: 11),
                .readVectors(open.descriptor, into: vectors, at: 0, data: 12),
                .writeVectors(open.descriptor, from: vectors, at: 0, data: 13),
                .synchronize(open.descriptor, dataOnly: true, data: 14),
                .poll(open.descriptor, for: readable, data: 15),
            ])
            #expect((0..<6).map { table[$0].data } == [10, 11, 12, 13, 14, 15])
            #expect(try context.put(table, 0..<6) == 6)
            let events = try context.events(minimum: 6, maximum: 6, timeout: .seconds(30))
            #expect(Set(events.map(\.data)) == [10, 11, 12, 13, 14, 15])
        }
    }
}
