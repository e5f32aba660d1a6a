import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

@Suite struct WakeEventTests {
    private func isReadable(_ wake: borrowing WakeEvent) -> Bool {
        caio_poll(wake.descriptor.rawValue, Int16(readable), 0) == Int32(readable)
    }

    @Test func signalMakesItReadableUntilItIsCleared() throws {
        let wake = try WakeEvent()
        #expect(isReadable(wake) == false)
        wake.signal()
        wake.signal()
        #expect(isReadable(wake) == true)
        wake.clear()
        #expect(isReadable(wake) == false)
    }

    @Test func clearingWithoutASignalDoesNotBlock() throws {
        let wake = try WakeEvent()
        wake.clear()
        #expect(isReadable(wake) == false)
    }

    @Test func signalToAFullCounterDoesNotBlock() throws {
        let wake = try WakeEvent()
        var most = UInt64.max - 1
        #expect(try withUnsafeBytes(of: &most) { try wake.descriptor.write($0) } == 8)
        wake.signal()
        #expect(isReadable(wake) == true)
    }

    @Test func signalFromAnotherThreadCompletesThePollInTheRing() async throws {
        let context = try KernelContext(capacity: 1)
        let wake = SharedWake()
        var table = ControlBlockTable(count: 1)
        table[0] = .poll(wake.event.descriptor, for: readable)
        #expect(try context.put(table, 0..<1) == 1)
        #expect(context.ring?.count == 0)
        try await onThread { wake.event.signal() }
        #expect(try context.nextEvent().result == Int(readable))
    }

    @Test func descriptorIsClosedWithIt() async {
        await #expect(processExitsWith: .success) {
            let before = ProcessCounters.openDescriptors()
            do {
                let many = (0..<64).map { _ in SharedWake() }
                #expect(ProcessCounters.openDescriptors() > before + 32)
                withExtendedLifetime(many) {}
            }
            #expect(ProcessCounters.openDescriptors() < before + 32)
        }
    }

    @Test func noDescriptorLeftIsAnErrorWithAdvice() async {
        await #expect(processExitsWith: .success) {
            let filler = try OpenDescriptor.pipe()
            var taken: [OpenDescriptor] = []
            // Until the limit refuses one more.
            while let copy = try? filler.read.descriptor.duplicate() { taken.append(OpenDescriptor(copy)) }
            let error = kernelError { () throws(KernelError) in _ = try WakeEvent() }
            taken.removeAll()
            #expect(error?.call == .eventfd)
            #expect(error?.errno == .tooManyOpenFiles)
            #expect(error?.description.contains("ulimit -n") == true)
        }
    }
}
