import AIOKernel
import ForkSafeMutex

@testable import AIOEngine

extension World {
    /// What is wrong once the engine has ended, in a sentence.
    func finalViolation(_ engine: Engine) -> String? {
        if closesAnswered != closesAsked { return "close was called \(closesAsked) times, answered \(closesAnswered)" }
        for operation in operations {
            if let wrong = finalViolation(operation) {
                return "operation \(operation.number) (\(operation.specification)) \(wrong)"
            }
        }
        for kernel in kernels where !kernel.isDestroyed { return "kernel \(kernel.number) was not destroyed" }
        for file in closedFiles + files where !file.isGone { return "a file is still in use" }
        if engine.live != 0 { return "\(engine.live) operations are left" }
        let threads = engine.blockingPool.liveCounts.running
        if threads != 0 { return "\(threads) blocking threads are left" }
        return violation() ?? finalViolation(engine.counters)
    }

    private func finalViolation(_ operation: SimulatedOperation) -> String? {
        if operation.outcomes.count != 1 { return "completed \(operation.outcomes.count) times" }
        if !operation.isMemoryGone { return "has left its memory" }
        if let holder = operation.holder { return "is still held by \(holder)" }
        guard operation.specification.route == .blockingWork, operation.specification.policy == .abandon else {
            return nil
        }
        let result = operation.delivered?.result
        let expected = result == nil || operation.outcomes[0].rawValue == result ? [] : [result!]
        return operation.discarded == expected ? nil : "discarded \(operation.discarded), to be \(expected)"
    }

    private func finalViolation(_ counters: EngineCounters) -> String? {
        if (counters.inFlight, counters.pending) != (0, 0) { return "something is left: \(counters)" }
        for kind in OperationKind.allCases {
            let admitted = operations.count { $0.specification.kind == kind && $0.id != nil }
            let started = admitted + (kind == .read ? inlineReads : 0)
            let counted = counters.started[Int(kind.rawValue)]
            if counted != started { return "\(counted) of the kind \(kind) were counted, \(started) started" }
        }
        let ended = counters.completed + counters.cancelledBeforeSubmission
        let lost = counters.started.reduce(0, +) - ended
        if lost < 0 || lost > counters.abandoned { return "\(lost) operations are in no sum" }
        let read = operations.reduce(inlineBytes) { sum, operation in
            operation.specification.kind == .read ? sum + max(0, operation.delivered?.result ?? 0) : sum
        }
        if counters.bytesRead != read { return "\(counters.bytesRead) bytes read were counted, \(read) read" }
        if counters.overloaded != overloads { return "\(counters.overloaded) refusals were counted, \(overloads) made" }
        let strays = kernels.reduce(0) { $0 + $1.strays }
        return counters.spuriousEvents == strays ? nil : "\(counters.spuriousEvents) strays counted, \(strays) sent"
    }
}
