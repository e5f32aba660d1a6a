import AIOKernel
import SystemPackage
import TestSupport
import Testing

@Suite struct SetupTests {
    @Test(arguments: [0, -1, Int.min, KernelContext.maximumCapacity + 1, 5_000_000, Int.max])
    func capacityOutOfBoundsIsRefusedWithItsBounds(capacity: Int) {
        let error = kernelError { () throws(KernelError) in _ = try KernelContext(capacity: capacity) }
        #expect(error?.call == .setup)
        #expect(error?.errno == .invalidArgument)
        #expect(error?.description.contains("\(capacity), must be between 1 and 4194304") == true)
    }

    @Test(arguments: [1, 2, 127, 128, 1024])
    func contextKeepsItsCapacityAndHasALargerRing(capacity: Int) throws {
        let context = try KernelContext(capacity: capacity)
        #expect(context.capacity == capacity)
        #expect(context.identifier != 0)
        #expect(context.belongsToThisProcess == true)
        // One entry of the ring is always free, so the ring needs more entries than the capacity.
        let ring = context.ring
        #expect(try #require(ring).capacity > capacity)
        #expect(context.ring?.count == 0)
    }

    @Test func twoContextsHaveDifferentIdentifiers() throws {
        let first = try KernelContext(capacity: 1)
        let second = try KernelContext(capacity: 1)
        #expect(first.identifier != second.identifier)
    }

    /// Events that one context reserves are not available to another: with 1,000 reserved, all but 999 are too many.
    @Test func moreThanTheHostAllowsReportsNeededAndAvailableEvents() async throws {
        try await ProcessLock.aioEvents.withLock {
            let maximum = try SystemLimits.current().maximum
            let tooMany = maximum - 999
            guard tooMany > 0, tooMany <= KernelContext.maximumCapacity else {
                print("SKIPPING a test: fs.aio-max-nr is \(maximum), which no context can exceed")
                return
            }
            let holder = try KernelContext(capacity: 1000)
            let error = kernelError { () throws(KernelError) in _ = try KernelContext(capacity: tooMany) }
            #expect(error?.errno == .resourceTemporarilyUnavailable)
            let text = try #require(error?.description)
            #expect(text.contains("\(tooMany) events were asked for"))
            #expect(text.contains("are left"))
            #expect(text.contains("fs.aio-max-nr \(maximum)"))
            #expect(text.contains("sysctl -w fs.aio-max-nr="))
            try holder.destroy()
            _ = try KernelContext(capacity: 1000)
        }
    }

    @Test func contextUsesNoDescriptor() async throws {
        await #expect(processExitsWith: .success) {
            let before = ProcessCounters.openDescriptors()
            let many = try (0..<32).map { _ in try SharedContext(capacity: 1) }
            #expect(ProcessCounters.openDescriptors() < before + 16)
            #expect(ProcessCounters.aioRings() == 32)
            withExtendedLifetime(many) {}
        }
    }
}
