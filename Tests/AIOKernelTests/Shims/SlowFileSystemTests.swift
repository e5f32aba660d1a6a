import AIOKernel
import Glibc
import SystemPackage
import TestSupport
import Testing

/// The slow file system's own promises, on which the tests of the layers above rely.
@Suite(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct SlowFileSystemTests {
    @Test func showsItsFilesAndAcceptsNewOnes() throws {
        let fs = try SlowFileSystem()
        let pattern = BytePattern(seed: 3)
        let file = try OpenDescriptor(try fs.addFile("data", size: 10_000, pattern: pattern), .readWrite)
        #expect(try file.size() == 10_000)
        let memory = AlignedMemory(count: 10_000)
        #expect(try file.descriptor.read(fromAbsoluteOffset: 0, into: memory.bytes) == 10_000)
        #expect(pattern.firstMismatch(in: memory.readOnly, at: 0) == nil)
        let fresh = try OpenDescriptor(fs.path("new"), .readWrite, options: .create)
        #expect(try fresh.descriptor.writeAll([1, 2, 3] as [UInt8]) == 3)
        #expect(try OpenDescriptor(fs.path("new")).size() == 3)
        #expect(throws: Errno.noSuchFileOrDirectory) { try OpenDescriptor(fs.path("absent")) }
        fs.stop()
    }

    @Test func bufferedReadBlocksItsThreadWhileItIsHeld() async throws {
        let fs = try SlowFileSystem()
        let pattern = BytePattern(seed: 4)
        let file = try OpenDescriptor(try fs.addFile("data", size: 4096, pattern: pattern))
        try fs.hold(.read)
        let done = SharedWake()
        async let count = onThread {
            let memory = AlignedMemory(count: 4096)
            let count = try file.descriptor.read(fromAbsoluteOffset: 0, into: memory.bytes)
            done.event.signal()
            return count
        }
        try await fs.waitForReads(1)
        #expect(try done.isSignalled() == false)
        try fs.release(.read)
        #expect(try await count == 4096)
    }

    @Test func stoppingAnswersWhatIsHeldAndUnmounts() async throws {
        let fs = try SlowFileSystem()
        let pattern = BytePattern(seed: 4)
        let path = try fs.addFile("data", size: 4096, pattern: pattern)
        try fs.hold(.read)
        async let count = onThread {
            let file = try OpenDescriptor(path)
            let memory = AlignedMemory(count: 4096)
            return try file.descriptor.read(fromAbsoluteOffset: 0, into: memory.bytes)
        }
        try await fs.waitForReads(1)
        fs.stop()
        #expect(try await count == 4096)
        #expect(throws: (any Error).self) { try OpenDescriptor(path) }
        #expect(throws: ToolFailure.self) { try fs.hold(.read) }
        fs.stop()
    }

    /// A test that dies must leave neither a mount nor a process that waits for it for ever, although the read in
    /// flight keeps the dying process from closing its end of the socket.
    @Test func processThatDiesWithAReadInFlightExits() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let fs = try SlowFileSystem()
            let path = try fs.addFile("data", size: 4096, pattern: BytePattern(seed: 1))
            try fs.hold(.read)
            try await InFlightRead.start(path)
            try await fs.waitForReads(1)
            kill(getpid(), SIGKILL)
        }
    }
}
