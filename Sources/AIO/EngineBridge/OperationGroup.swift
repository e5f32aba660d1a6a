internal import AIOEngine
internal import Synchronization

/// Operations that one task awaits together, and the outcome of each.
final class OperationGroup: @unchecked Sendable {
    // Unchecked: each result is written by the one completion it belongs to, and read after the last one.

    /// An operation to start, and the completion that records its outcome here.
    typealias Member = (operation: Operation, completion: Completion)

    private struct Result {
        var outcome = Outcome(0)
        let group: Unmanaged<OperationGroup>
    }

    private let results: UnsafeMutableBufferPointer<Result>
    private let remaining = Atomic<Int>(0)
    private var continuation: UnsafeContinuation<Void, Never>?

    init(count: Int) {
        results = .allocate(capacity: count)
        results.initialize(repeating: Result(group: Unmanaged.passUnretained(self)))
    }

    deinit { results.deallocate() }

    /// The outcome of one operation; meaningful once all have completed.
    subscript(index: Int) -> Outcome { results[index].outcome }

    func contains(_ outcome: Outcome) -> Bool { results.contains { $0.outcome == outcome } }

    /// Records the outcome of an operation that was not started here.
    func record(_ index: Int, _ outcome: Outcome) { results[index].outcome = outcome }

    /// Stores the continuation that the last of `count` operations resumes. To be called before the first one is
    /// started.
    func `await`(_ count: Int, _ continuation: UnsafeContinuation<Void, Never>) {
        self.continuation = continuation
        remaining.store(count, ordering: .relaxed)
    }

    /// Returns the completion that records the outcome of one operation.
    func completion(_ index: Int) -> Completion {
        let result = results.baseAddress.unsafelyUnwrapped + index
        return Completion(token: UInt(bitPattern: result)) { token, outcome in
            let result = UnsafeMutablePointer<Result>(bitPattern: token).unsafelyUnwrapped
            result.pointee.outcome = Outcome(rawValue: outcome)
            result.pointee.group._withUnsafeGuaranteedRef { $0.oneCompleted() }
        }
    }

    private func oneCompleted() {
        // Acquire-release: the last completion sees the outcomes that the others wrote.
        guard remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        continuation?.resume()
    }
}
