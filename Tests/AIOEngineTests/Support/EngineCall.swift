import AIOKernel
import TestSupport

@testable import AIOEngine

/// One operation on a real engine.
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
    /// Waits on the calling thread, which may block.
    func outcomeHere() throws -> Outcome { try started.monitor.wait(for: "an operation to complete") { $0.first } }
}
