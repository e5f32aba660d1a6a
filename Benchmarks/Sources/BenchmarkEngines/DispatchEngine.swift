package import BenchmarkKit
import CSupport
import Dispatch
import Glibc
import Synchronization

/// DispatchIO: one random-access channel, each operation issued by the handler of the one before.
package struct DispatchEngine: Engine {
    package init() {}

    package var id: String { "dispatch" }
    package var title: String { "DispatchIO" }

    package func obstacle(to workload: Workload) -> String? { nil }

    package func open(_ job: Job) async throws -> any EngineSession {
        let descriptor = try job.openDescriptor()
        let queue = DispatchQueue(label: "aio-bench.dispatch")
        let channel = DispatchIO(
            type: .random, fileDescriptor: descriptor, queue: queue,
            cleanupHandler: { _ in _ = bench_close(descriptor) })
        // One call of the handler per operation, with all of its bytes.
        channel.setLimit(lowWater: job.workload.blockSize)
        return DispatchSession(workload: job.workload, channel: channel, queue: queue)
    }
}

private struct DispatchSession: EngineSession {
    let workload: Workload
    let channel: DispatchIO
    let queue: DispatchQueue

    func run(_ run: Run) async throws -> Tally {
        let chain = DispatchChain(workload, channel, queue, run)
        return Tally(operations: try await chain.run())
    }

    func close() async throws {
        channel.close()
    }
}

/// A run's operations in flight.
private final class DispatchChain: @unchecked Sendable {
    // Unchecked: all state is confined to the serial queue.
    private let workload: Workload
    private let channel: DispatchIO
    private let queue: DispatchQueue
    private let run: Run
    private let data: DispatchData
    private let memory: UnsafeMutableRawBufferPointer
    private var inFlight = 0
    private var done = 0
    private var failure: EngineFailure?
    private var continuation: CheckedContinuation<Int, any Error>?

    init(_ workload: Workload, _ channel: DispatchIO, _ queue: DispatchQueue, _ run: Run) {
        self.workload = workload
        self.channel = channel
        self.queue = queue
        self.run = run
        memory = .allocate(byteCount: workload.blockSize, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0x5a)
        // Not copied: a copy would lose the alignment that a direct write needs.
        data = DispatchData(bytesNoCopy: UnsafeRawBufferPointer(memory), deallocator: .custom(nil, {}))
    }

    deinit { memory.deallocate() }

    func run() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                self.continuation = continuation
                for _ in 0..<self.workload.depth { self.issue(at: bench_now()) }
                self.finishIfIdle()
            }
        }
    }

    private func issue(at now: UInt64) {
        guard failure == nil, let entry = run.take(at: now) else { return }
        inFlight += 1
        var received = 0
        let handler: (Bool, DispatchData?, Int32) -> Void = { [self] done, data, error in
            if !entry.writes { received += data?.count ?? 0 }
            guard done else { return }
            finish(entry, received: received, error: error, since: now)
        }
        if entry.writes {
            channel.write(offset: off_t(entry.offset), data: data, queue: queue, ioHandler: handler)
        } else {
            channel.read(offset: off_t(entry.offset), length: workload.blockSize, queue: queue, ioHandler: handler)
        }
    }

    private func finish(_ entry: OffsetTable.Entry, received: Int, error: Int32, since issued: UInt64) {
        let now = bench_now()
        inFlight -= 1
        if error != 0 {
            failure = EngineFailure(TestFile.reason(-error))
        } else if !entry.writes, received != workload.blockSize {
            failure = EngineFailure("short result: \(received) of \(workload.blockSize) bytes")
        } else {
            run.latency.record(now - issued)
            done += 1
        }
        issue(at: now)
        finishIfIdle()
    }

    private func finishIfIdle() {
        guard inFlight == 0, let continuation else { return }
        self.continuation = nil
        if let failure { continuation.resume(throwing: failure) } else { continuation.resume(returning: done) }
    }
}
