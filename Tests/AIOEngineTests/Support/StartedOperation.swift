import AIOKernel
import ForkSafeMutex
import TestSupport

@testable import AIOEngine

/// One operation in an engine, seen from the test: the outcomes that its completion was called with.
final class StartedOperation: Sendable {
    let monitor = Monitor<[Outcome]>([])
    private let currentID = ForkSafeMutex<OperationID?>(nil)

    /// nil when it completed before `start` returned.
    var id: OperationID? {
        get { currentID.withLock { $0 } }
        set { currentID.withLock { $0 = newValue } }
    }

    /// Unretained: the rig keeps this object for as long as its engine runs.
    var completion: Completion {
        Completion(token: UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())) { token, outcome in
            let pointer = UnsafeRawPointer(bitPattern: token).unsafelyUnwrapped
            let operation = Unmanaged<StartedOperation>.fromOpaque(pointer).takeUnretainedValue()
            operation.monitor.withLock { $0.append(Outcome(rawValue: outcome)) }
        }
    }

    var outcomes: [Outcome] { monitor.withLock { $0 } }

    /// Waits until it has completed.
    func outcome() async throws -> Outcome {
        try await monitor.wait(for: "an operation to complete") { $0.first }
    }
}
