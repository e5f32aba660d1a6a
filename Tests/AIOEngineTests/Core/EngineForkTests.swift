import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// What is left of an engine in a child after fork(2). The child exits with the number of the first check that
/// fails, or with 0.
@Suite struct EngineForkTests {
    @Test func everyCallFailsInTheChildAndTheParentIsUndisturbed() async throws {
        let source = try PatternFile(size: 1 << 16, seed: 3)
        let file = try source.open(direct: true)
        let engine = try realEngine()
        let pipe = try OpenDescriptor.pipe()
        let polled = EngineCall(engine)
        polled.start(.poll(pipe.read.descriptor, for: UInt32(POLLIN)), kind: .poll, policy: .report)
        #expect(await eventually { engine.counters.inFlight == 1 })
        try readAndCheck(engine, source, file)

        let status = try inForkedChild {
            if engine.belongsToThisProcess { return 1 }
            // Each completion is called once, and nothing waits for a thread that the child does not have.
            let one = ForkedCall()
            if one.start(engine) != nil || one.outcomes != [.forked] { return 2 }
            let several = [ForkedCall(), ForkedCall()]
            let operations = several.map(\.member)
            operations.withUnsafeBufferPointer { engine.start($0) }
            if several.contains(where: { $0.outcomes != [.forked] }) { return 3 }
            if let id = polled.id { engine.cancel(id) }
            let counters = engine.counters
            if counters.submitted != 0 || counters.inFlight != 0 { return 4 }
            var callbacks = 0
            withUnsafeMutablePointer(to: &callbacks) { pointer in
                nonisolated(unsafe) let pointer = pointer
                engine.close { pointer.pointee += 1 }
                engine.close(cancelling: true) { pointer.pointee += 1 }
            }
            return callbacks == 2 ? 0 : 5
        }
        #expect(status == .exited(0))

        #expect(engine.isOpen)
        for _ in 0..<20 { try readAndCheck(engine, source, file) }
        #expect(polled.outcomes == [])
        _ = try pipe.write.descriptor.writeAll([1])
        #expect(try await polled.outcome().result.map { $0 & Int(POLLIN) } == Int(POLLIN))
        try await finish(engine)
    }

    /// The process is quiet when it forks: a lock that another thread holds at the fork stays locked in the child
    /// for ever.
    @Test func theChildOfAQuietProcessCanHaveAnEngineOfItsOwn() async {
        await #expect(processExitsWith: .success) {
            let source = try PatternFile(size: 1 << 16, seed: 4)
            let file = try source.open(direct: true)
            let parents = try realEngine()
            try readAndCheck(parents, source, file)
            let status = try inForkedChild {
                guard let engine = try? realEngine() else { return 1 }
                do { for _ in 0..<10 { try readAndCheck(engine, source, file) } } catch { return 2 }
                let over = Monitor(false)
                engine.close { over.withLock { $0 = true } }
                do { try over.wait(for: "the child's engine to end", seconds: 10) { $0 ? () : nil } } catch { return 3 }
                return 0
            }
            guard status == .exited(0) else { exit(1) }
            try readAndCheck(parents, source, file)
            exit(0)
        }
    }

    @Test func aLeaseInTheChildClosesTheChildsDescriptorOnly() throws {
        let pipe = try LeasedPipe(writeEndFrom: 800)
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        // As if an operation of the parent were in flight.
        #expect(lease.beginUse())
        let status = try inForkedChild {
            var result: Int?
            withUnsafeMutablePointer(to: &result) { pointer in
                nonisolated(unsafe) let pointer = pointer
                lease.close { pointer.pointee = $0 }
            }
            if result != 0 { return 1 }
            return fcntl(pipe.writeEnd, F_GETFD) == -1 ? 0 : 2
        }
        #expect(status == .exited(0))
        #expect(fcntl(pipe.writeEnd, F_GETFD) >= 0)
        #expect(!pipe.isClosed)
        lease.endUse()
        lease.close()
    }

    private func finish(_ engine: Engine) async throws {
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
        #expect(engine.counters.submitted + engine.counters.inline == engine.counters.completed)
    }
}

/// An operation that a child starts, without a lock.
private final class ForkedCall {
    private(set) var outcomes: [Outcome] = []

    var member: (operation: Operation, completion: Completion) {
        let completion = Completion(token: UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())) {
            let pointer = UnsafeRawPointer(bitPattern: $0).unsafelyUnwrapped
            Unmanaged<ForkedCall>.fromOpaque(pointer).takeUnretainedValue().outcomes.append(Outcome(rawValue: $1))
        }
        return (Operation(.read(0), kind: .read, route: .kernel, policy: .abandon), completion)
    }

    func start(_ engine: Engine) -> OperationID? { engine.start(member.operation, then: member.completion) }
}
