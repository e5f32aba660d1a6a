import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

@Suite struct DestroyTests {
    /// fs.aio-nr counts the whole host, so the context is larger than what others may reserve meanwhile.
    @Test(arguments: [true, false])
    func destroyReleasesTheEventsOfTheHost(explicitly: Bool) async throws {
        try await ProcessLock.aioEvents.withLock {
            let size = 8000
            let before = ProcessCounters.aioEvents()
            let context = try KernelContext(capacity: size)
            #expect(ProcessCounters.aioEvents() >= size)
            if explicitly { try context.destroy() } else { drop(context) }
            #expect(await eventually { ProcessCounters.aioEvents() < before + size / 2 })
        }
    }

    private func drop(_ context: consuming KernelContext) {}

    /// Runs in a child process, where nothing else maps a ring at the address that becomes free.
    @Test func ringIsUnmappedByDestroyAndByDeinit() async {
        await #expect(processExitsWith: .success) {
            #expect(ProcessCounters.aioRings() == 0)
            let first = try KernelContext(capacity: 1)
            let identifier = first.identifier
            #expect(ProcessCounters.hasRing(identifier))
            try first.destroy()
            #expect(!ProcessCounters.hasRing(identifier))
            do { _ = try KernelContext(capacity: 1) }
            do {
                let third = try KernelContext(capacity: 1)
                #expect(ProcessCounters.aioRings() == 1)
                _ = third.identifier
            }
            #expect(ProcessCounters.aioRings() == 0)
        }
    }

    @Test(arguments: [0, 1, 4096, 0x7fff_ffff_f000, UInt64.max])
    func destroyingWhatWasNeverSetUpIsRefused(context: UInt64) throws {
        let error = kernelError { () throws(KernelError) in try unsafe KernelCalls.destroy(context) }
        #expect(error?.call == .destroy)
        #expect(error?.errno == .invalidArgument)
        #expect(error?.description.contains("no such context in this process") == true)
    }

    /// Runs in a child process: otherwise a context of another test could have the same ID by the second call.
    @Test func destroyingTwiceByIDIsRefused() async {
        await #expect(processExitsWith: .success) {
            let context = try unsafe KernelCalls.setup(capacity: 1)
            try unsafe KernelCalls.destroy(context)
            let error = kernelError { () throws(KernelError) in try unsafe KernelCalls.destroy(context) }
            #expect(error?.errno == .invalidArgument)
        }
    }

    @Test func pendingPollsDoNotHoldItUp() throws {
        let pipe = try OpenDescriptor.pipe()
        let context = try KernelContext(capacity: 64)
        let poll = ControlBlock.poll(pipe.read.descriptor, for: readable)
        #expect(try context.put(ControlBlockTable([ControlBlock](repeating: poll, count: 64)), 0..<64) == 64)
        try context.destroy()
        // The pipe has no polls any more: its becoming readable wakes nothing.
        try pipe.write.descriptor.write([1], bytes: 1)
    }

    @Test func unreapedEventsAreLostAndNothingElse() throws {
        let memory = AlignedMemory(count: 4096)
        let file = try PatternFile(size: 4096)
        let open = try file.open(direct: true)
        let context = try KernelContext(capacity: 4)
        #expect(try context.put(ControlBlockTable([.read(open.descriptor, into: memory.bytes, at: 0)]), 0..<1) == 1)
        try context.destroy()
        // Destroying has waited for the read.
        #expect(file.pattern.firstMismatch(in: memory.readOnly, at: 0) == nil)
    }

    /// Runs in a child process, as the ID may be reused once the context is destroyed.
    @Test func destroyWakesAThreadThatWaitsForEvents() async {
        await #expect(processExitsWith: .success) {
            let context = try unsafe KernelCalls.setup(capacity: 1)
            async let result = onThread { () -> Int in
                var event = caio_event()
                return caio_getevents(context, 1, 1, &event, -1)
            }
            #expect(await eventually { ProcessCounters.isAThread(in: .getEvents) })
            try unsafe KernelCalls.destroy(context)
            #expect(try await result == -Int(Errno.invalidArgument.rawValue))
        }
    }
}
