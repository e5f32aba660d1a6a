import AIO
import CSupport
import Foundation
import Synchronization

/// Samples a context's live operations and the resident memory on a thread of its own, and keeps the moment with the
/// most live operations.
final class Sampler: Sendable {
    struct Moment: Sendable {
        var outstanding = 0
        var memory: Int64 = 0
    }

    private let most = Mutex(Moment())
    private let ending = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ context: AIOContext) {
        Thread.detachNewThread { [self] in
            while !ending.load(ordering: .relaxed) {
                sample(context)
                usleep(200)
            }
            ended.signal()
        }
    }

    func stop() -> Moment {
        ending.store(true, ordering: .relaxed)
        ended.wait()
        return most.withLock { $0 }
    }

    private func sample(_ context: AIOContext) {
        let statistics = context.statistics
        let outstanding = statistics.pending + statistics.inFlight
        let memory = bench_resident_memory()
        most.withLock { if outstanding > $0.outstanding { $0 = Moment(outstanding: outstanding, memory: memory) } }
    }
}
