internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

/// A writer's chunks in flight. Each holds the core, which so outlives a writer that was dropped.
final class WriterCore: Sendable {
    let file: AIOFile
    private let state = Mutex(State())

    private struct State {
        var ledger = WriterLedger()
        /// Who waits for no more than so many chunks to be in flight.
        var waiter: (most: Int, continuation: UnsafeContinuation<Void, Never>)?
        /// Of chunks that have ended, for the next ones.
        var idle: [ChunkWrite] = []
    }

    init(_ file: AIOFile) { self.file = file }

    func withLedger<R>(_ body: (inout WriterLedger) -> R) -> R { state.withLock { body(&$0.ledger) } }

    /// Waits until no more than `most` chunks are in flight. One task at a time.
    func wait(forAtMost most: Int) async {
        guard state.withLock({ $0.ledger.inFlight > most }) else { return }
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let waits = state.withLock { state in
                guard state.ledger.inFlight > most else { return false }
                state.waiter = (most, continuation)
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    /// Starts to write bytes that nobody changes any more.
    func start(_ bytes: AIOBuffer, at offset: Int64) {
        let chunk = state.withLock { state in
            state.ledger.began()
            return state.idle.popLast() ?? ChunkWrite()
        }
        chunk.begin(bytes, at: offset, on: self)
        submit(chunk)
    }

    private func submit(_ chunk: ChunkWrite) {
        do {
            try file.beginUse(chunk.details, at: chunk.progress.offset, count: chunk.progress.count)
        } catch {
            return end(chunk, error)
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
            chunk.core?.ended(chunk, Outcome(rawValue: outcome))
        }
        // Nobody to ask for a cancellation: the task that brought the bytes has gone on.
        file.context.engine.start(file.context.prioritized(operation), then: completion)
    }

    private func ended(_ chunk: ChunkWrite, _ outcome: Outcome) {
        file.lease.endUse()
        let bytes: Int
        do {
            bytes = try file.written(outcome, [], chunk.details)
        } catch {
            return chunk.takeAttempt(after: outcome) ? submit(chunk) : end(chunk, error)
        }
        switch chunk.progress.wrote(bytes) {
        case .again: submit(chunk)
        case .end: end(chunk, nil)
        case .stuck: end(chunk, chunk.details.error(.noSpace, advice: "nothing more could be written"))
        }
    }

    private func end(_ chunk: ChunkWrite, _ error: (any Error)?) {
        let failure = error.map { WriterLedger.Failure(range: chunk.rest, error: $0) }
        chunk.end()
        let continuation = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            state.ledger.ended(failure)
            state.idle.append(chunk)
            guard let waiter = state.waiter, state.ledger.inFlight <= waiter.most else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        continuation?.resume()
    }
}

/// One chunk in flight; used again for another when it has ended.
private final class ChunkWrite: @unchecked Sendable {
    // Sendable by hand: it belongs to whoever starts it, then to its completion.
    private(set) var bytes = AIOBuffer()
    private(set) var core: WriterCore?
    var progress = ChunkProgress(offset: 0, count: 0, unit: 1)
    private var attempts = 0

    func begin(_ bytes: AIOBuffer, at offset: Int64, on core: WriterCore) {
        self.bytes = bytes
        self.core = core
        progress = ChunkProgress(offset: offset, count: bytes.count, unit: core.file.alignment.offset)
        attempts = 1
    }

    func end() {
        bytes = AIOBuffer()
        core = nil
    }

    /// What has not got to the file.
    var rest: Range<Int64> { (progress.offset + Int64(progress.done))..<(progress.offset + Int64(progress.count)) }

    var details: ErrorDetails {
        ErrorDetails("write", path: core?.file.path, offset: rest.lowerBound, count: progress.count - progress.done)
    }

    /// Whether the context's policy allows another attempt. Without its pause: there is nobody to wait.
    func takeAttempt(after outcome: Outcome) -> Bool {
        guard let core, !core.file.isAppending, let policy = core.file.context.configuration.retry,
            policy.pause(after: attempts, outcome.errno) != nil
        else { return false }
        attempts += 1
        return true
    }
}
