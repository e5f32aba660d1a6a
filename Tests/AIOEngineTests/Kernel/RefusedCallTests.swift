import AIOKernel
import CAIOShims
import CTestSupport
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Each of the calls that an engine needs, refused by a seccomp filter as a sandbox refuses them.
@Suite(.enabled(if: Requirement.refusal.isMet, "\(Requirement.refusal)"), .timeLimit(.minutes(5)))
struct RefusedCallTests {
    static let everyCall = ["io_setup", "io_submit", "io_getevents", "io_cancel", "eventfd2"]

    /// What a process does that is refused a call: reads a file, waits for a pipe, cancels such a wait.
    ///
    /// - Returns: 0, or the number of the line that failed.
    private static func works(_ engine: Engine) throws -> Int32 {
        let source = try PatternFile(size: 1 << 16, seed: 41)
        let file = try source.open(direct: true)
        for _ in 0..<4 { try readAndCheck(engine, source, file) }
        let (read, write) = try OpenDescriptor.pipe()
        let (ready, cancelled) = (EngineCall(engine), EngineCall(engine))
        ready.start(.poll(read.descriptor, for: UInt32(POLLIN)), kind: .poll, policy: .report)
        cancelled.start(.poll(write.descriptor, for: UInt32(POLLIN)), kind: .poll, policy: .report)
        _ = try write.descriptor.writeAll([1])
        guard try ready.outcomeHere() == Outcome(Int(POLLIN)) else { return 11 }
        guard let id = cancelled.id else { return 12 }
        engine.cancel(id)
        guard try cancelled.outcomeHere() == .cancelled else { return 13 }
        let isOver = Monitor(false)
        engine.close { isOver.withLock { $0 = true } }
        try isOver.wait(for: "the engine's end") { $0 ? () : nil }
        return 0
    }

    @Test(.kernel, arguments: everyCall, [EPERM, ENOSYS]) func engineFallsBack(call: String, errno: Int32) async throws
    {
        await #expect(processExitsWith: .success) { [call = call as String, errno = errno as Int32] in
            guard test_refuse(call, errno) == 0 else { exit(2) }
            var configuration = Engine.Configuration()
            configuration.fallsBack = true
            let engine = try Engine(configuration)
            let status = try Self.works(engine)
            guard case .threads(let reason) = engine.backend else { exit(3) }
            let name = call == "eventfd2" ? "eventfd" : call
            exit(reason.call.rawValue == name && reason.errno.rawValue == errno ? status : 4)
        }
    }

    /// At the first operation, not with an operation that never completes.
    @Test(.kernel, arguments: everyCall.dropLast()) func withoutFallbackTheOperationIsRefused(call: String) async throws
    {
        await #expect(processExitsWith: .success) { [call = call as String] in
            guard test_refuse(call, EPERM) == 0 else { exit(2) }
            var configuration = Engine.Configuration()
            configuration.fallsBack = false
            let engine = try Engine(configuration)
            let source = try PatternFile(size: 1 << 16, seed: 41)
            let file = try source.open(direct: true)
            let memory = AlignedMemory(count: 4096)
            let read = EngineCall(engine)
            read.start(.read(file.descriptor, into: memory.bytes, at: 0))
            let refusal = try read.outcomeHere().refusal
            let isRight = refusal?.call.rawValue == call && refusal?.errno == .notPermitted
            exit(isRight && refusal?.advice.contains("sandbox") == true ? 0 : 3)
        }
    }

    /// poll(2) takes the place of epoll(7), and a short sleep that of the pipe.
    @Test(arguments: [["epoll_create1"], ["epoll_ctl"], ["epoll_wait", "epoll_pwait"], ["pipe2"]], [EPERM, ENOSYS])
    func readinessNeedsNeitherEpollNorAPipe(calls: [String], errno: Int32) async throws {
        await #expect(processExitsWith: .success) { [calls = calls as [String], errno = errno as Int32] in
            // The test's own pipe is made before.
            let (read, write) = try OpenDescriptor.pipe()
            let (late, lateWrite) = try OpenDescriptor.pipe()
            for call in calls where test_refuse(call, errno) != 0 { exit(2) }
            let rig = ThreadKernelRig()
            let blocks = ControlBlocks([
                .poll(read.descriptor, for: UInt32(POLLIN), data: 1),
                .poll(late.descriptor, for: UInt32(POLLIN), data: 2),
            ])
            guard blocks.submit(to: rig.kernel) == 2 else { exit(3) }
            let sleeper = rig.sleeper()
            _ = try write.descriptor.writeAll([1])
            var events = try sleeper.outcome().events
            while events.isEmpty { events = try rig.sleeper().outcome().events }
            guard events == [Reaped(1, Int(POLLIN))] else { exit(4) }
            // Woken from a sleep that the poll's descriptor does not end.
            let woken = rig.sleeper()
            rig.kernel.wake()
            var sleep = try woken.outcome()
            for _ in 0..<100 where !sleep.wasWoken { sleep = try rig.sleeper().outcome() }
            guard sleep.wasWoken else { exit(5) }
            // It sleeps, for a millisecond at least: the thread does not spin.
            let end = caio_monotonic_ns() + 300_000_000
            var sleeps = 0
            while caio_monotonic_ns() < end {
                guard try rig.sleeper(nanoseconds: 20_000_000).outcome().events.isEmpty else { exit(6) }
                sleeps += 1
            }
            guard sleeps < 500 else { exit(7) }
            withExtendedLifetime((lateWrite, blocks)) { exit(0) }
        }
    }

    /// Refused a thread for the loop, there is no engine; refused one for a block, the submitter runs it.
    @Test func engineWithoutThreadsIsRefusedOrDoesItsWorkHere() async throws {
        await #expect(processExitsWith: .success) {
            var configuration = Engine.Configuration()
            configuration.fallsBack = true
            let source = try PatternFile(size: 1 << 16, seed: 42)
            let file = try source.open(direct: true)
            guard test_refuse("io_setup", EPERM) == 0 else { exit(2) }
            let engine = try Engine(configuration)
            for call in ["clone", "clone3"] { guard test_refuse(call, EAGAIN) == 0 else { exit(3) } }
            for _ in 0..<4 { try readAndCheck(engine, source, file) }
            guard engine.blockingPool.liveCounts.running == 0, engine.counters.submitted == 4 else { exit(4) }
            do throws(KernelError) {
                _ = try Engine(configuration)
                exit(5)
            } catch {
                exit(error.errno == .resourceTemporarilyUnavailable ? 0 : 6)
            }
        }
    }
}
