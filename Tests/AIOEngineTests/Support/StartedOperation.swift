import AIOKernel
import ForkSafeMutex
import Synchronization
import TestSupport

@testable import AIOEngine

/// One operation in an engine, from the test's side: what it was told, and how often.
final class StartedOperation: Sendable {
    let told = Monitor<[Outcome]>([])
    private let name = ForkSafeMutex<OperationID?>(nil)

    /// nil when it was over before `start` returned.
    var id: OperationID? {
        get { name.withLock { $0 } }
        set { name.withLock { $0 = newValue } }
    }

    /// The rig keeps this object for as long as its engine runs.
    var completion: Completion {
        Completion(token: UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())) { token, outcome in
            let pointer = UnsafeRawPointer(bitPattern: token).unsafelyUnwrapped
            let operation = Unmanaged<StartedOperation>.fromOpaque(pointer).takeUnretainedValue()
            operation.told.withLock { $0.append(Outcome(rawValue: outcome)) }
        }
    }

    var outcomes: [Outcome] { told.withLock { $0 } }

    /// Waits for its end.
    func outcome() async throws -> Outcome {
        try await told.wait(for: "an operation's end") { $0.first }
    }
}

/// A waiter that the engine asks about, as the loop does about tasks.
final class Wanting: Sendable {
    private let isCancelled = Atomic<Bool>(false)
    private let timesAsked = Atomic<Int>(0)

    var waiter: Waiter { Waiter(bits: UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())) }

    var wasAsked: Int { timesAsked.load(ordering: .relaxed) }
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    static let ask: Waiter.IsCancelled = { bits in
        let pointer = UnsafeRawPointer(bitPattern: bits).unsafelyUnwrapped
        let wanting = Unmanaged<Wanting>.fromOpaque(pointer).takeUnretainedValue()
        wanting.timesAsked.add(1, ordering: .relaxed)
        return wanting.isCancelled.load(ordering: .relaxed)
    }
}

/// Something whose end can be seen: what an operation's memory is, to the engine.
final class Memory: Sendable {
    let isGone: Flag
    init(_ isGone: Flag) { self.isGone = isGone }
    deinit { isGone.raise() }
}

final class Flag: Sendable {
    private let value = Monitor(false)
    func raise() { value.withLock { $0 = true } }
    var isRaised: Bool { value.withLock { $0 } }
    func wait(for what: String) async throws { try await value.wait(for: what) { $0 ? () : nil } }
}
