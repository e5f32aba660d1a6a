import AIOKernel
import SystemPackage
import TestSupport
import Testing

@Suite struct CancelTests {
    @Test func cancelledPollHasOneEventWithResultZero() throws {
        let context = try KernelContext(capacity: 1)
        let pipe = try OpenDescriptor.pipe()
        let table = ControlBlockTable([.poll(pipe.read.descriptor, for: readable, data: 6)])
        #expect(try context.put(table, 0..<1) == 1)
        #expect(try context.cancel(table, 0) == true)
        let event = try context.nextEvent()
        #expect(event.data == 6)
        #expect(event.result == 0)
        // There is no second event.
        #expect(try context.events(minimum: 1, maximum: 1, timeout: .zero).count == 0)
    }

    @Test func pollThatIsDoneCannotBeCancelled() throws {
        let context = try KernelContext(capacity: 1)
        let pipe = try OpenDescriptor.pipe()
        let table = ControlBlockTable([.poll(pipe.write.descriptor, for: writable)])
        #expect(try context.put(table, 0..<1) == 1)
        #expect(try context.cancel(table, 0) == false)
        #expect(try context.nextEvent().result == Int(writable))
        #expect(try context.cancel(table, 0) == false)
    }

    @Test func pollIsCancelledOnce() throws {
        let context = try KernelContext(capacity: 1)
        let pipe = try OpenDescriptor.pipe()
        let table = ControlBlockTable([.poll(pipe.read.descriptor, for: readable)])
        #expect(try context.put(table, 0..<1) == 1)
        #expect(try context.cancel(table, 0) == true)
        #expect(try context.nextEvent().result == 0)
        #expect(try context.cancel(table, 0) == false)
    }

    @Test func readCannotBeCancelled() throws {
        let context = try KernelContext(capacity: 1)
        let file = try PatternFile(size: 4096)
        let open = try file.open(direct: true)
        let memory = AlignedMemory(count: 4096)
        let table = ControlBlockTable([.read(open.descriptor, into: memory.bytes, at: 0)])
        #expect(try context.put(table, 0..<1) == 1)
        #expect(try context.cancel(table, 0) == false)
        #expect(try context.nextEvent().result == 4096)
        #expect(file.pattern.firstMismatch(in: memory.readOnly, at: 0) == nil)
    }

    @Test func blockThatWasNeverSubmittedIsNotCancelled() throws {
        let context = try KernelContext(capacity: 1)
        #expect(try context.cancel(ControlBlockTable(count: 1), 0) == false)
    }

    @Test func blockSubmittedToAnotherContextIsNotCancelled() throws {
        let context = try KernelContext(capacity: 1)
        let other = try KernelContext(capacity: 1)
        let pipe = try OpenDescriptor.pipe()
        let table = ControlBlockTable([.poll(pipe.read.descriptor, for: readable)])
        #expect(try context.put(table, 0..<1) == 1)
        #expect(try other.cancel(table, 0) == false)
        #expect(try context.cancel(table, 0) == true)
    }

    /// io_cancel identifies an operation by its address, so the engine looks it up and cancels it under one lock.
    @Test func reusedBlockCancelsItsCurrentOperation() throws {
        let context = try KernelContext(capacity: 2)
        let pipe = try OpenDescriptor.pipe()
        var table = ControlBlockTable([.poll(pipe.write.descriptor, for: writable, data: 1)])
        #expect(try context.put(table, 0..<1) == 1)
        #expect(try context.nextEvent().data == 1)
        table[0] = .poll(pipe.read.descriptor, for: readable, data: 2)
        #expect(try context.put(table, 0..<1) == 1)
        #expect(try context.cancel(table, 0) == true)
        #expect(try context.nextEvent().data == 2)
    }

    @Test(arguments: [-1, 2, Int.min, Int.max])
    func indexBeyondTheTableIsAnErrorNotATrap(index: Int) throws {
        let context = try KernelContext(capacity: 1)
        let table = ControlBlockTable(count: 2)
        let error = kernelError { () throws(KernelError) in _ = try context.cancel(table, index) }
        #expect(error?.call == .cancel)
        #expect(error?.errno == .invalidArgument)
    }
}
