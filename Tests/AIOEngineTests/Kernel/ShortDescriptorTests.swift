import AIOKernel
import CAIOShims
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Processes that are short of descriptors, or that close those of others.
@Suite(.timeLimit(.minutes(5))) struct ShortDescriptorTests {
    /// Allows no descriptor beyond those that are open.
    private static func useUpDescriptors() {
        var limit = rlimit(rlim_cur: 64, rlim_max: 64)
        var old = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &old)
        limit.rlim_max = old.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        while dup(0) >= 0 {}
    }

    @Test func engineWithoutAnyDescriptorReadsOnThreads() async throws {
        await #expect(processExitsWith: .success) {
            let source = try PatternFile(size: 1 << 16, seed: 43)
            let file = try source.open(direct: true)
            let (read, write) = try OpenDescriptor.pipe()
            Self.useUpDescriptors()
            var configuration = Engine.Configuration()
            configuration.fallsBack = true
            let engine = try Engine(configuration)
            guard case .threads(let reason) = engine.backend, reason.errno == .tooManyOpenFiles else { exit(2) }
            try readAndCheck(engine, source, file)
            // Nothing to wait with but poll(2), nor a pipe that ends it.
            let poll = EngineCall(engine)
            poll.start(.poll(read.descriptor, for: UInt32(POLLIN)), kind: .poll, policy: .report)
            _ = try write.descriptor.writeAll([1])
            guard try poll.outcomeHere() == Outcome(Int(POLLIN)) else { exit(3) }
            exit(0)
        }
    }

    @Test func withoutFallbackThereIsNoEngine() async throws {
        await #expect(processExitsWith: .success) {
            Self.useUpDescriptors()
            var configuration = Engine.Configuration()
            configuration.fallsBack = false
            do throws(KernelError) {
                _ = try Engine(configuration)
                exit(2)
            } catch {
                exit(error.call == .eventfd && error.errno == .tooManyOpenFiles ? 0 : 3)
            }
        }
    }

    /// closefrom(3) closes what the library waits with, and the program's next files get those numbers. Nothing of theirs
    /// is written to, waiting goes on, and no thread spins.
    @Test func closedDescriptorsOfItsOwnAreMadeAnew() async throws {
        await #expect(processExitsWith: .success) {
            let rig = ThreadKernelRig()
            let (read, write) = try OpenDescriptor.pipe()
            let low = max(read.descriptor.rawValue, write.descriptor.rawValue)
            let blocks = ControlBlocks([.poll(read.descriptor, for: UInt32(POLLIN), data: 1)])
            guard blocks.submit(to: rig.kernel) == 1, rig.kernel.events() == [] else { exit(2) }
            let file = try PatternFile(size: 4096, name: "victim")
            for number in (low + 1)..<64 { close(number) }
            let victims = try (0..<8).map { _ in try file.open(.readWrite) }
            let sleeper = rig.sleeper()
            rig.kernel.wake()
            guard try sleeper.outcome().wasWoken else { exit(3) }
            guard try rig.sleeper(nanoseconds: 5_000_000).outcome().events.isEmpty else { exit(4) }
            let last = rig.sleeper()
            _ = try write.descriptor.writeAll([1])
            var events = try last.outcome().events
            while events.isEmpty { events = try rig.sleeper().outcome().events }
            guard events == [Reaped(1, Int(POLLIN))] else { exit(5) }
            rig.kernel.destroy()
            // None was closed, moved or written to.
            for victim in victims {
                guard try victim.descriptor.seek(offset: 0, from: .current) == 0 else { exit(6) }
                let memory = AlignedMemory(count: 4096)
                guard try victim.descriptor.read(into: memory.bytes) == 4096,
                    file.pattern.firstMismatch(in: memory.readOnly, at: 0) == nil
                else { exit(7) }
            }
            withExtendedLifetime((victims, blocks)) { exit(0) }
        }
    }
}
