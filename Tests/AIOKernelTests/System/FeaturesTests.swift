import AIOKernel
import CAIOShims
import TestSupport
import Testing

@Suite struct FeaturesTests {
    @Test func probeFindsWhatThisKernelShows() throws {
        let features = try KernelFeatures.probe()
        let context = try KernelContext(capacity: 2)
        #expect(features.ring == (context.ring != nil))
        let wake = try WakeEvent()
        wake.signal()
        #expect(features.poll == (try context.refusal(of: .poll(wake.descriptor, for: readable)) == nil))
        let file = try PatternFile(size: 1).open()
        #expect(
            features.synchronize
                == (try context.refusal(of: .synchronize(file.descriptor, dataOnly: true)) == nil))
    }

    @Test func currentFeaturesAreProbedOnce() async throws {
        let first = try KernelFeatures.current()
        #expect(first == (try KernelFeatures.probe()))
        // A probe destroys a context, which takes milliseconds; a thousand of them would take minutes.
        let start = ContinuousClock.now
        for _ in 0..<1000 { #expect(try KernelFeatures.current() == first) }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func probeLeavesNothingBehind() async {
        await #expect(processExitsWith: .success) {
            let before = ProcessCounters.openDescriptors()
            for _ in 0..<16 { _ = try KernelFeatures.probe() }
            // Not exactly: the testing library opens and closes a few descriptors in the child as well.
            #expect(ProcessCounters.openDescriptors() < before + 8)
            #expect(await eventually { ProcessCounters.aioRings() == 0 })
        }
    }
}
