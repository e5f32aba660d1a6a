import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

/// The `RWF_*` flags, each tested by its effect.
@Suite struct FlagTests {
    @Test func valuesAreTheKernels() {
        let flags: [ControlBlock.Flags] = [
            .highPriority, .dataSync, .sync, .noWait, .append, .noAppend, .atomic, .dontCache,
        ]
        #expect(flags.map(\.rawValue) == [0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80])
    }

    @Test(arguments: [ControlBlock.Flags.dataSync, .sync])
    func synchronousWriteWrites(flags: ControlBlock.Flags) throws {
        let file = try PatternFile(size: 8192)
        let open = try file.open(.readWrite)
        let context = try KernelContext(capacity: 1)
        let other = BytePattern(seed: 2)
        let memory = AlignedMemory(other, at: 0, count: 4096)
        #expect(try context.result(of: .write(open.descriptor, from: memory.readOnly, at: 0, flags: flags)) == 4096)
        let check = AlignedMemory(count: 4096)
        #expect(try context.result(of: .read(open.descriptor, into: check.bytes, at: 0)) == 4096)
        #expect(other.firstMismatch(in: check.readOnly, at: 0) == nil)
    }

    @Test func appendWritesAtTheEndWhateverTheOffset() throws {
        let file = try PatternFile(size: 5000)
        let open = try file.open(.readWrite)
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(file.pattern, at: 5000, count: 100)
        #expect(try context.result(of: .write(open.descriptor, from: memory.readOnly, at: 0, flags: .append)) == 100)
        #expect(try open.size() == 5100)
        let check = AlignedMemory(count: 5100)
        #expect(try context.result(of: .read(open.descriptor, into: check.bytes, at: 0)) == 5100)
        #expect(file.pattern.firstMismatch(in: check.readOnly, at: 0) == nil)
    }

    @Test func fileOpenForAppendingIgnoresTheOffset() throws {
        let file = try PatternFile(size: 5000)
        let open = try file.open(.readWrite, options: .append)
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(file.pattern, at: 5000, count: 100)
        #expect(try context.result(of: .write(open.descriptor, from: memory.readOnly, at: 0)) == 100)
        #expect(try open.size() == 5100)
    }

    @Test func noAppendWritesAtTheOffsetOfAFileOpenForAppending() throws {
        let file = try PatternFile(size: 5000)
        let open = try file.open(.readWrite, options: .append)
        let context = try KernelContext(capacity: 1)
        let memory = AlignedMemory(count: 100)
        var table = ControlBlockTable(count: 1)
        table[0] = .write(open.descriptor, from: memory.readOnly, at: 0, flags: .noAppend)
        if let error = kernelError({ () throws(KernelError) in _ = try context.put(table, 0..<1) }) {
            // Linux before 6.9.
            #expect(error.errno == .notSupportedOnSocket)
            return
        }
        #expect(try context.nextEvent().result == 100)
        #expect(try open.size() == 5000)
    }
}
