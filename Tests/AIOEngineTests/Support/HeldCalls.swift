import CAIOShims
import Synchronization
import TestSupport

@testable import AIOEngine

/// Blocking calls that return once a gate is open: what was run, by the blocks' data.
final class HeldCalls: BlockingCalls {
    let gate = Gate()
    private let started = Mutex<[UInt64]>([])

    var run: [UInt64] { started.withLock { $0 } }

    func run(_ block: UnsafeMutablePointer<caio_iocb>) -> Int {
        started.withLock { $0.append(block.pointee.data) }
        return gate.work(result: 512).body()
    }

    func run(_ work: BlockingWork) -> Int { work.body() }
}
