import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

/// The behaviour of direct and buffered files that the engine relies on, on the disk's file system.
@Suite struct DirectIOTests {
    private let notSupported = -Int(Errno.notSupportedOnSocket.rawValue)
    private let wouldBlock = -Int(Errno.resourceTemporarilyUnavailable.rawValue)

    /// Returns the result of the event, or -errno if io_submit refuses the control block.
    private func outcome(_ block: ControlBlock, on context: borrowing KernelContext) throws -> Int {
        var table = ControlBlockTable(count: 1)
        table[0] = block
        do throws(KernelError) {
            _ = try context.put(table, 0..<1)
        } catch {
            return -Int(error.errno.rawValue)
        }
        return try context.nextEvent().result
    }

    @Test func bufferedReadIsInTheRingBeforeSubmitReturns() throws {
        let file = try PatternFile(size: 1 << 16)
        let open = try file.open()
        let context = try KernelContext(capacity: 4)
        let memory = AlignedMemory(count: 4096)
        for offset in stride(from: Int64(0), to: 1 << 16, by: 4096) {
            #expect(
                try context.put(ControlBlockTable([.read(open.descriptor, into: memory.bytes, at: offset)]), 0..<1) == 1
            )
            #expect(context.ring?.count == 1)
            #expect(try context.reapAll().map(\.result) == [4096])
            #expect(file.pattern.firstMismatch(in: memory.readOnly, at: offset) == nil)
        }
    }

    @Test func directReadWithoutWaitingReadsOrIsRefusedAsUnsupported() throws {
        let file = try PatternFile(size: 1 << 16)
        let open = try file.open(direct: true)
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 4096)
        let result = try outcome(
            .read(open.descriptor, into: memory.bytes, at: 4096, flags: .noWait), on: context)
        #expect([4096, notSupported, wouldBlock].contains(result))
        if result == 4096 { #expect(file.pattern.firstMismatch(in: memory.readOnly, at: 4096) == nil) }
        // In every case the file can be read without the flag.
        #expect(try outcome(.read(open.descriptor, into: memory.bytes, at: 8192), on: context) == 4096)
    }

    @Test func bufferedReadOfCachedBytesWithoutWaitingReadsThem() throws {
        let file = try PatternFile(size: 1 << 16)
        let open = try file.open()
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 4096)
        #expect(try context.result(of: .read(open.descriptor, into: memory.bytes, at: 0)) == 4096)
        let result = try outcome(.read(open.descriptor, into: memory.bytes, at: 0, flags: .noWait), on: context)
        #expect([4096, notSupported].contains(result))
    }

    @Test func directExtendingWriteWithoutWaitingIsDoneOrRefused() throws {
        let file = try PatternFile(size: 1 << 16)
        let open = try file.open(.readWrite, direct: true)
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(file.pattern, at: 1 << 16, count: 4096)
        let block = ControlBlock.write(open.descriptor, from: memory.readOnly, at: 1 << 16, flags: .noWait)
        #expect([4096, notSupported, wouldBlock].contains(try outcome(block, on: context)))
        #expect(
            try context.result(of: .write(open.descriptor, from: memory.readOnly, at: 1 << 16)) == 4096)
        #expect(try open.size() == 1 << 16 + 4096)
    }

    @Test(.enabled(if: Requirement.sharedMemory.isMet, "\(Requirement.sharedMemory)"))
    func tmpfsCompletesInsideSubmitAndAcceptsOrRefusesNoWait() throws {
        let file = try PatternFile(size: 8192, in: .inMemory())
        let open = try file.open()
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 4096)
        #expect(
            try context.put(ControlBlockTable([.read(open.descriptor, into: memory.bytes, at: 0)]), 0..<1) == 1)
        #expect(context.ring?.count == 1)
        #expect(try context.reapAll().map(\.result) == [4096])
        let result = try outcome(.read(open.descriptor, into: memory.bytes, at: 0, flags: .noWait), on: context)
        #expect([4096, notSupported].contains(result))
        #expect(caio_is_memory_file_system(caio_file_system(open.descriptor.rawValue)))
    }

    @Test func alignmentThatTheFileReportsIsTheOneItAccepts() throws {
        let file = try PatternFile(size: 1 << 16)
        let open = try file.open(direct: true)
        var information = caio_file_info()
        #expect(caio_file_information(open.descriptor.rawValue, &information) == 0)
        #expect(information.size == 1 << 16)
        let alignment = caio_direct_alignment(open.descriptor.rawValue)
        let (memoryAlignment, offset) = (Int(alignment.memory), Int(alignment.offset))
        guard memoryAlignment > 0, offset > 0 else {
            print("SKIPPING a test: the file system does not report its alignment")
            return
        }
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 3 * 4096)
        let least = UnsafeMutableRawBufferPointer(
            start: memory.bytes.baseAddress! + memoryAlignment, count: offset)
        #expect(try outcome(.read(open.descriptor, into: least, at: Int64(offset)), on: context) == offset)
        #expect(file.pattern.firstMismatch(in: UnsafeRawBufferPointer(least), at: Int64(offset)) == nil)
        let invalid = -Int(Errno.invalidArgument.rawValue)
        #expect(try outcome(.read(open.descriptor, into: least, at: Int64(offset / 2)), on: context) == invalid)
    }

    @Test func badBufferIsAnErrorInTheEventNotOfTheCall() throws {
        let open = try PatternFile(size: 8192).open(direct: true)
        let context = try KernelContext(capacity: 1)
        let nowhere = UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: 4096), count: 4096)
        #expect(
            try context.result(of: .read(open.descriptor, into: nowhere, at: 0))
                == -Int(Errno.badAddress.rawValue))
    }

    @Test(.enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"))
    func sizeOfABlockDeviceIsTheDevices() throws {
        let device = try LoopDevice(size: 8 << 20)
        let open = try OpenDescriptor(device.path, .readWrite, direct: true)
        #expect(try open.size() == 8 << 20)
    }

    @Test(.enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"))
    func deviceWithoutItsFileReportsAnErrorInTheEvent() throws {
        let device = try LoopDevice(size: 8 << 20)
        let open = try OpenDescriptor(device.path, .readWrite, direct: true)
        let below = try OpenDescriptor(device.file, .readWrite)
        try below.descriptor.resize(to: 1 << 20)
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 4096)
        #expect(
            try context.result(of: .read(open.descriptor, into: memory.bytes, at: 4 << 20))
                == -Int(Errno.ioError.rawValue))
    }

    @Test(.enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"))
    func fullFileSystemReportsNoSpace() throws {
        let image = try Ext4Image(size: 4 << 20)
        let open = try OpenDescriptor(image.path.appending("big"), .readWrite, options: .create)
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 1 << 20)
        var offset: Int64 = 0
        var result = 0
        repeat {
            result = try context.result(of: .write(open.descriptor, from: memory.readOnly, at: offset))
            offset += Int64(max(0, result))
        } while result > 0 && offset < 8 << 20
        #expect(result == -Int(Errno.noSpace.rawValue))
    }
}
