internal import AIOEngine
internal import Synchronization

/// Operations that one task awaits together, and what became of each.
final class OperationGroup: @unchecked Sendable {
    // Sendable by hand: each member is written by the one completion it belongs to, and read after the last.
    private struct Member {
        var outcome = Outcome(0)
        let group: Unmanaged<OperationGroup>
    }

    private let members: UnsafeMutableBufferPointer<Member>
    private let left = Atomic<Int>(0)
    private var continuation: UnsafeContinuation<Void, Never>?

    init(count: Int) {
        members = .allocate(capacity: count)
        members.initialize(repeating: Member(group: Unmanaged.passUnretained(self)))
    }

    deinit { members.deallocate() }

    /// What became of one; meaningful once all have ended.
    subscript(index: Int) -> Outcome { members[index].outcome }

    func contains(_ outcome: Outcome) -> Bool { members.contains { $0.outcome == outcome } }

    /// Notes what an operation came to that is not started.
    func settle(_ index: Int, _ outcome: Outcome) { members[index].outcome = outcome }

    /// To be called before the first of `count` operations is started: the continuation is resumed by the last.
    func `await`(_ count: Int, _ continuation: UnsafeContinuation<Void, Never>) {
        self.continuation = continuation
        left.store(count, ordering: .relaxed)
    }

    func completion(_ index: Int) -> Completion {
        let member = members.baseAddress.unsafelyUnwrapped + index
        return Completion(token: UInt(bitPattern: member)) { token, outcome in
            let member = UnsafeMutablePointer<Member>(bitPattern: token).unsafelyUnwrapped
            member.pointee.outcome = Outcome(rawValue: outcome)
            member.pointee.group._withUnsafeGuaranteedRef { $0.memberEnded() }
        }
    }

    private func memberEnded() {
        // Acquire-release: the last one sees what the others wrote.
        guard left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        continuation?.resume()
    }
}
