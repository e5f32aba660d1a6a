import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

@Suite struct SubmitTests {
    let file: PatternFile
    let open: OpenDescriptor
    let memory = AlignedMemory(count: 4096)

    init() throws {
        file = try PatternFile(size: 8192, seed: 3)
        open = try file.open()
    }

    private var good: ControlBlock { .read(open.descriptor, into: memory.bytes, at: 0, data: 1) }
    private var bad: ControlBlock {
        .read(FileDescriptor(rawValue: -1), into: memory.bytes, at: 0, data: 2)
    }

    @Test func stopsAtTheFirstBadBlockAndReportsItsErrorOnlyWhenItIsFirst() throws {
        let context = try KernelContext(capacity: 8)
        let table = ControlBlockTable([good, bad, good])
        #expect(try context.put(table, 0..<3) == 1)
        #expect(
            kernelError { () throws(KernelError) in _ = try context.put(table, 1..<3) }?.errno == .badFileDescriptor)
        #expect(try context.put(table, 2..<3) == 1)
        let events = try context.events(minimum: 2, maximum: 8, timeout: .seconds(30))
        #expect(events.map(\.result) == [4096, 4096])
        #expect(context.ring?.count == 0)
    }

    @Test func badBlockAtTheEndDoesNotKeepTheOthersFromBeingSubmitted() throws {
        let context = try KernelContext(capacity: 8)
        let table = ControlBlockTable([good, good, bad])
        #expect(try context.put(table, 0..<3) == 2)
        #expect(try context.events(minimum: 2, maximum: 8, timeout: .seconds(30)).count == 2)
    }

    @Test func emptyRangeSubmitsNothing() throws {
        let context = try KernelContext(capacity: 1)
        let table = ControlBlockTable(count: 4)
        #expect(try context.put(table, 2..<2) == 0)
        #expect(try context.put(table, 99..<99) == 0)
        #expect(unsafe context.submit(UnsafeMutableBufferPointer(start: nil, count: 0)) == 0)
    }

    @Test(arguments: [-1..<1, 0..<5, 4..<5, Int.min..<Int.max, 3..<Int.max])
    func rangeBeyondTheTableIsAnErrorNotATrap(range: Range<Int>) throws {
        let context = try KernelContext(capacity: 1)
        let table = ControlBlockTable(count: 4)
        let error = kernelError { () throws(KernelError) in _ = try context.put(table, range) }
        #expect(error?.errno == .invalidArgument)
        #expect(error?.description.contains("of a table of 4") == true)
    }

    @Test func invalidDescriptorOrOneOfTheWrongModeIsRefused() throws {
        let context = try KernelContext(capacity: 1)
        #expect(try context.refusal(of: bad) == .badFileDescriptor)
        #expect(
            try context.refusal(of: .read(FileDescriptor(rawValue: 1 << 20), into: memory.bytes, at: 0))
                == .badFileDescriptor)
        #expect(
            try context.refusal(of: .write(open.descriptor, from: memory.readOnly, at: 0)) == .badFileDescriptor)
    }

    @Test func invalidBlockIsRefused() throws {
        let context = try KernelContext(capacity: 1)
        #expect(try context.refusal(of: .read(open.descriptor, into: memory.bytes, at: -1)) == .invalidArgument)
        #expect(try context.refusal(of: .poll(open.descriptor, for: 0x1_0000)) == .invalidArgument)
        let directory = try OpenDescriptor(file.directory.path)
        #expect(try context.refusal(of: .read(directory.descriptor, into: memory.bytes, at: 0)) == .invalidArgument)

        var unknown = good
        unknown.raw.opcode = 99
        #expect(try context.refusal(of: unknown) == .invalidArgument)
        unknown.raw.opcode = UInt16(CAIO_CMD_NOOP)
        #expect(try context.refusal(of: unknown) == .invalidArgument)

        var odd = ControlBlock.synchronize(open.descriptor, dataOnly: false)
        odd.raw.count = 1
        #expect(try context.refusal(of: odd) == .invalidArgument)
    }

    @Test func unknownFlagIsUnsupported() throws {
        let context = try KernelContext(capacity: 1)
        var block = good
        block.flags = .init(rawValue: 1 << 30)
        #expect(try context.refusal(of: block) == .notSupportedOnSocket)
    }

    @Test func moreVectorsThanTheKernelAcceptsAreRefused() throws {
        let context = try KernelContext(capacity: 1)
        let piece = caio_iovec(iov_base: memory.bytes.baseAddress, iov_len: 1)
        for (count, expected) in [
            (Int(CAIO_MAXIMUM_VECTORS), nil), (Int(CAIO_MAXIMUM_VECTORS) + 1, Errno.invalidArgument),
        ] {
            let vectors = [caio_iovec](repeating: piece, count: count)
            let refusal = try vectors.withUnsafeBufferPointer {
                try context.refusal(of: .readVectors(open.descriptor, into: $0, at: 0))
            }
            #expect(refusal == expected)
        }
    }

    /// The ring accepts at least as many blocks as its capacity, then io_submit fails with EAGAIN.
    @Test(arguments: [1, 8, 200])
    func blocksUpToTheCapacityAreAcceptedAndThoseBeyondTheRingRefused(capacity: Int) throws {
        let context = try KernelContext(capacity: capacity)
        let pipe = try OpenDescriptor.pipe()
        let ring = context.ring
        let entries = try #require(ring).capacity
        let poll = ControlBlock.poll(pipe.read.descriptor, for: readable)
        let table = ControlBlockTable([ControlBlock](repeating: poll, count: entries + 1))
        var accepted = 0
        let error = kernelError { () throws(KernelError) in
            while accepted <= entries { accepted += try context.put(table, accepted..<(entries + 1)) }
        }
        #expect(error?.errno == .resourceTemporarilyUnavailable)
        #expect(accepted >= capacity)
        #expect(accepted < entries)
    }

    @Test func rawSubmitReturnsMinusErrno() throws {
        let context = try KernelContext(capacity: 1)
        var block = bad.raw
        withUnsafeMutablePointer(to: &block) {
            var pointers = [$0]
            let result = pointers.withUnsafeMutableBufferPointer { unsafe context.submit($0) }
            #expect(result == -Int(Errno.badFileDescriptor.rawValue))
        }
    }
}
