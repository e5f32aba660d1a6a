import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

/// Cancellation, waits and completion while operations are in flight, on a file system that holds them.
@Suite(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct InFlightTests {
    let fs: SlowFileSystem
    let open: OpenDescriptor
    let pattern = BytePattern(seed: 21)

    init() throws {
        fs = try SlowFileSystem()
        let path = try fs.addFile("data", size: 256 << 10, pattern: pattern)
        open = try OpenDescriptor(path, .readWrite, direct: true)
    }

    /// An optimized build releases the array after its last use: the caller extends its lifetime past the kernel's use.
    private func buffers(_ count: Int, of size: Int = 4096) -> [AlignedMemory] {
        (0..<count).map { _ in AlignedMemory(count: size) }
    }

    /// Returns reads of successive pieces of the file, each with its number as data.
    private func reads(into memory: [AlignedMemory]) -> ControlBlockTable {
        ControlBlockTable(
            memory.enumerated().map { index, piece in
                .read(open.descriptor, into: piece.bytes, at: Int64(index * piece.bytes.count), data: UInt64(index))
            })
    }

    @Test func directReadsAreInFlightWhenSubmitReturnsAndCompleteInAnyOrder() async throws {
        let context = try KernelContext(capacity: 8)
        try fs.hold(.read)
        let memory = buffers(4)
        defer { withExtendedLifetime(memory) {} }
        let table = reads(into: memory)
        #expect(try context.put(table, 0..<4) == 4)
        try await fs.waitForReads(4)
        #expect(try context.events(minimum: 1, maximum: 8, timeout: .zero).count == 0)
        #expect(context.ring?.count == 0)

        #expect(try fs.release(.read, 1, latest: true) == 1)
        #expect(try context.nextEvent().data == 3)
        #expect(try fs.release(.read, 1) == 1)
        #expect(try context.nextEvent().data == 0)
        #expect(try fs.held(.read) == 2)
        try fs.release(.read)
        let rest = try context.events(minimum: 2, maximum: 8, timeout: .seconds(30))
        #expect(Set(rest.map(\.data)) == [1, 2])
        for (index, buffer) in memory.enumerated() {
            #expect(pattern.firstMismatch(in: buffer.readOnly, at: Int64(index * 4096)) == nil)
        }
    }

    @Test func readInFlightCannotBeCancelledAndDeliversItsData() async throws {
        let context = try KernelContext(capacity: 1)
        try fs.hold(.read)
        let memory = buffers(1)
        defer { withExtendedLifetime(memory) {} }
        let table = reads(into: memory)
        #expect(try context.put(table, 0..<1) == 1)
        try await fs.waitForReads(1)
        #expect(try context.cancel(table, 0) == false)
        #expect(context.ring?.count == 0)
        try fs.release(.read)
        #expect(try context.nextEvent().result == 4096)
        #expect(pattern.firstMismatch(in: memory[0].readOnly, at: 0) == nil)
    }

    @Test func fsyncInFlightCannotBeCancelled() async throws {
        let context = try KernelContext(capacity: 1)
        try fs.hold(.fsync)
        let table = ControlBlockTable([.synchronize(open.descriptor, dataOnly: false)])
        #expect(try context.put(table, 0..<1) == 1)
        try await fs.wait(for: .fsync, 1)
        #expect(try context.cancel(table, 0) == false)
        try fs.release(.fsync)
        #expect(try context.nextEvent().result == 0)
    }

    /// fsync does not cover a write that is still in flight: a caller that needs it has to wait for the write first.
    @Test func fsyncDoesNotWaitForAWriteInFlight() async throws {
        let context = try KernelContext(capacity: 2)
        try fs.hold(.write)
        let memory = AlignedMemory(pattern, at: 0, count: 4096)
        let table = ControlBlockTable([
            .write(open.descriptor, from: memory.readOnly, at: 0, data: 1),
            .synchronize(open.descriptor, dataOnly: false, data: 2),
        ])
        #expect(try context.put(table, 0..<2) == 2)
        try await fs.wait(for: .write, 1)
        #expect(try context.nextEvent().data == 2)
        try fs.release(.write)
        #expect(try context.nextEvent().data == 1)
    }

    @Test func destroyWaitsForAReadInFlightAndTheBufferIsFilled() async throws {
        try fs.hold(.read)
        let memory = buffers(1)
        defer { withExtendedLifetime(memory) {} }
        let context = try unsafe KernelCalls.setup(capacity: 1)
        #expect(submit(reads(into: memory)[0], to: context) == 1)
        try await fs.waitForReads(1)
        let isDestroyed = SharedWake()
        let (piece, pattern) = (memory[0], pattern)
        async let isFilled = onThread {
            try unsafe KernelCalls.destroy(context)
            isDestroyed.event.signal()
            return pattern.firstMismatch(in: piece.readOnly, at: 0) == nil
        }
        #expect(await eventually { ProcessCounters.isAThread(in: .destroy) })
        #expect(try isDestroyed.isSignalled() == false)
        try fs.release(.read)
        #expect(try await isFilled)
    }

    private func submit(_ block: ControlBlock, to context: UInt64) -> Int {
        var raw = block.raw
        return withUnsafeMutablePointer(to: &raw) {
            var pointers = [$0]
            return pointers.withUnsafeMutableBufferPointer { caio_submit(context, 1, $0.baseAddress!) }
        }
    }

    @Test func blockAndVectorsMayChangeOnceSubmitted() async throws {
        let context = try KernelContext(capacity: 1)
        try fs.hold(.read)
        let memory = AlignedMemory(count: 8192)
        var table = ControlBlockTable(count: 1)
        do {
            let vectors = [0, 4096].map { caio_iovec(iov_base: memory.bytes.baseAddress! + $0, iov_len: 4096) }
            let accepted = try vectors.withUnsafeBufferPointer {
                table[0] = .readVectors(open.descriptor, into: $0, at: 4096, data: 1)
                return try context.put(table, 0..<1)
            }
            #expect(accepted == 1)
        }
        try await fs.waitForReads(1)
        table[0] = ControlBlock()
        try fs.release(.read)
        let event = try context.nextEvent()
        #expect(event.data == 1)
        #expect(event.result == 8192)
        #expect(pattern.firstMismatch(in: memory.readOnly, at: 4096) == nil)
    }

    @Test func closingTheDescriptorLeavesTheReadInFlight() async throws {
        let context = try KernelContext(capacity: 1)
        try fs.hold(.read)
        let memory = AlignedMemory(count: 4096)
        do {
            let second = try OpenDescriptor(fs.path("data"), direct: true)
            let table = ControlBlockTable([.read(second.descriptor, into: memory.bytes, at: 8192)])
            #expect(try context.put(table, 0..<1) == 1)
            try await fs.waitForReads(1)
        }
        try fs.release(.read)
        #expect(try context.nextEvent().result == 4096)
        #expect(pattern.firstMismatch(in: memory.readOnly, at: 8192) == nil)
    }

    @Test(arguments: [Errno.ioError, .noSpace])
    func errorOfTheDeviceArrivesInTheEvent(errno: Errno) throws {
        let context = try KernelContext(capacity: 1)
        try fs.fail(.read, with: errno)
        let memory = AlignedMemory(count: 4096)
        let block = ControlBlock.read(open.descriptor, into: memory.bytes, at: 0)
        #expect(try context.result(of: block) == -Int(errno.rawValue))
        #expect(try context.result(of: block) == 4096)
    }

    @Test func shortReadArrivesAsShort() throws {
        let context = try KernelContext(capacity: 1)
        try fs.shorten(.read, to: 100)
        let memory = AlignedMemory(count: 4096)
        #expect(try context.result(of: .read(open.descriptor, into: memory.bytes, at: 0)) == 100)
        #expect(pattern.matches(memory.bytes.prefix(100), at: 0))
    }

    @Test func errorIsDecidedAtTheRelease() async throws {
        let context = try KernelContext(capacity: 1)
        try fs.hold(.read)
        let memory = buffers(1)
        defer { withExtendedLifetime(memory) {} }
        let table = reads(into: memory)
        #expect(try context.put(table, 0..<1) == 1)
        try await fs.waitForReads(1)
        try fs.fail(.read, with: .ioError)
        try fs.release(.read)
        #expect(try context.nextEvent().result == -Int(Errno.ioError.rawValue))
    }

    @Test func hundredsOfReadsAreInFlightAtOnce() async throws {
        let context = try KernelContext(capacity: 512)
        try fs.hold(.read)
        let memory = buffers(512, of: 512)
        defer { withExtendedLifetime(memory) {} }
        let table = reads(into: memory)
        var submitted = 0
        while submitted < 512 { submitted += try context.put(table, submitted..<512) }
        try await fs.waitForReads(512)
        try fs.release(.read)
        var results: [Int] = []
        while results.count < 512 { results.append(try context.nextEvent().result) }
        #expect(results.allSatisfy { $0 == 512 })
        let wrong = memory.enumerated().filter { pattern.firstMismatch(in: $1.readOnly, at: Int64($0 * 512)) != nil }
        #expect(wrong.isEmpty)
    }
}
