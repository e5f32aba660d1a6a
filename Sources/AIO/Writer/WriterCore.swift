internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

/// A writer's chunks in flight. Each of them holds the core, so that it outlives a writer that was dropped.
final class WriterCore: Sendable {
    let file: AIOFile
    private let state = Mutex(State())

    private struct State {
        var ledger = WriterLedger()
        /// The continuation of the task that waits until at most `maximum` chunks are in flight.
        var waiter: (maximum: Int, continuation: UnsafeContinuation<Void, Never>)?
        /// The objects of completed chunks, for the next ones.
        var idle: [ChunkWrite] = []
    }

    init(_ file: AIOFile) { self.file = file }

    func withLedger<R>(_ body: (inout WriterLedger) -> R) -> R { state.withLock { body(&$0.ledger) } }

    /// Waits until at most `maximum` chunks are in flight. One task at a time may call it.
    func wait(forAtMost maximum: Int) async {
        guard state.withLock({ $0.ledger.inFlight > maximum }) else { return }
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let waits = state.withLock { state in
                guard state.ledger.inFlight > maximum else { return false }
                state.waiter = (maximum, continuation)
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    /// Starts to write a chunk.
    func start(_ bytes: AIOBuffer, at offset: Int64) {
        let chunk = state.withLock { state in
            state.ledger.started()
            return state.idle.popLast() ?? ChunkWrite()
        }
        chunk.prepare(bytes, at: offset, on: self)
        writeRest(of: chunk)
    }

    /// Starts an operation that writes what is left of a chunk.
    private func writeRest(of chunk: ChunkWrite) {
        do {
            try file.beginUse(chunk.details, at: chunk.progress.offset, count: chunk.progress.count)
        } catch {
            return complete(chunk, error)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk.bytes.bytes)[chunk.progress.done...])
        let operation = Operation(
            .write(file.descriptor, from: bytes, at: chunk.progress.offset + Int64(chunk.progress.done)), kind: .write,
            route: file.route(count: bytes.count, flags: []), policy: .report, memory: .borrowing(chunk),
            lease: .passUnretained(file.lease))
        let token = UInt(bitPattern: Unmanaged.passRetained(chunk).toOpaque())
        let completion = Completion(token: token) { token, outcome in
            let chunk = Unmanaged<ChunkWrite>.fromOpaque(UnsafeRawPointer(bitPattern: token).unsafelyUnwrapped)
                .takeRetainedValue()
            chunk.core?.writeCompleted(chunk, Outcome(rawValue: outcome))
        }
        // Without a waiter, whose cancellation would count: the task that wrote the bytes does not wait for them.
        file.context.engine.start(file.context.prioritized(operation), then: completion)
    }

    private func writeCompleted(_ chunk: ChunkWrite, _ outcome: Outcome) {
        file.lease.endUse()
        let bytes: Int
        do {
            bytes = try file.written(outcome, [], chunk.details)
        } catch {
            return chunk.useAttempt(after: outcome) ? writeRest(of: chunk) : complete(chunk, error)
        }
        switch chunk.progress.wrote(bytes) {
        case .writeRest: writeRest(of: chunk)
        case .complete: complete(chunk, nil)
        case .noProgress: complete(chunk, chunk.details.error(.noSpace, advice: "nothing more could be written"))
        }
    }

    private func complete(_ chunk: ChunkWrite, _ error: (any Error)?) {
        let failure = error.map { WriterLedger.Failure(range: chunk.rest, error: $0) }
        chunk.reset()
        let continuation = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            state.ledger.completed(failure)
            state.idle.append(chunk)
            guard let waiter = state.waiter, state.ledger.inFlight <= waiter.maximum else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        continuation?.resume()
    }
}

/// One chunk in flight. When it has completed, the object is used for another chunk.
private final class ChunkWrite: @unchecked Sendable {
    // Unchecked: it belongs to the task that starts it, then to the completion of its operation.
    private(set) var bytes = AIOBuffer()
    private(set) var core: WriterCore?
    var progress = ChunkProgress(offset: 0, count: 0, unit: 1)
    private var attempts = 0

    func prepare(_ bytes: AIOBuffer, at offset: Int64, on core: WriterCore) {
        self.bytes = bytes
        self.core = core
        progress = ChunkProgress(offset: offset, count: bytes.count, unit: core.file.alignment.offset)
        attempts = 1
    }

    func reset() {
        bytes = AIOBuffer()
        core = nil
    }

    /// The range that has not got to the file.
    var rest: Range<Int64> { (progress.offset + Int64(progress.done))..<(progress.offset + Int64(progress.count)) }

    var details: ErrorDetails {
        ErrorDetails("write", path: core?.file.path, offset: rest.lowerBound, count: progress.count - progress.done)
    }

    /// Counts one more attempt, if the context's policy allows it. It is made without the policy's pause, as there is
    /// no task that could wait.
    ///
    /// - Returns: whether to make the attempt.
    func useAttempt(after outcome: Outcome) -> Bool {
        guard let core, !core.file.isAppending, let policy = core.file.context.configuration.retry,
            policy.pause(after: attempts, outcome.errno) != nil
        else { return false }
        attempts += 1
        return true
    }
}
