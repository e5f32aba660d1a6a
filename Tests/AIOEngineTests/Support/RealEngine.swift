import AIOKernel
import Synchronization
import SystemPackage
import TestSupport

@testable import AIOEngine

/// An engine on the real kernel.
func realEngine(depth: Int = 16, blockingThreads: Int = 4) throws -> Engine {
    var configuration = Engine.Configuration()
    configuration.queueDepth = depth
    configuration.blockingThreads = blockingThreads
    configuration.name = "real"
    return try Engine(configuration)
}

/// One operation on it.
final class EngineCall: Sendable {
    private let engine: Engine
    private let started = StartedOperation()

    init(_ engine: Engine) { self.engine = engine }

    var id: OperationID? { started.id }
    var outcomes: [Outcome] { started.outcomes }

    func start(
        _ block: ControlBlock, kind: OperationKind = .read, route: Route = .kernel, policy: CancelPolicy = .abandon
    ) {
        started.id = engine.start(
            Operation(block, kind: kind, route: route, policy: policy), then: started.completion)
    }

    func outcome() async throws -> Outcome { try await started.outcome() }
    /// From a thread that may block.
    func outcomeHere() throws -> Outcome { try started.told.wait(for: "an operation's end") { $0.first } }
}

struct WrongBytes: Error {}

/// A read whose bytes have to be right; blocks.
func readAndCheck(_ engine: Engine, _ source: PatternFile, _ file: OpenDescriptor, at offset: Int64 = 4096) throws {
    let memory = AlignedMemory(count: 8192)
    let call = EngineCall(engine)
    call.start(.read(file.descriptor, into: memory.bytes, at: offset))
    let outcome = try call.outcomeHere()
    guard outcome == Outcome(8192), source.pattern.firstMismatch(in: memory.readOnly, at: offset) == nil else {
        throw WrongBytes()
    }
}
