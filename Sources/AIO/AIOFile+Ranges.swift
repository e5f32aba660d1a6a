internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

extension AIOFile {
    /// Reads several ranges of the file at once: an iocb each, and one io_submit(2) for all of them on a
    /// direct file.
    ///
    /// - Parameters:
    ///   - ranges: offsets in bytes, each read as by ``read(at:count:options:)``.
    ///   - options: for every one of them.
    /// - Returns: for each range, in order, its bytes (fewer at the end of the file) or what kept them.
    /// - Throws: only what concerns all of them: a closed file, a context that was shut down, a forked process,
    ///   and `CancellationError` when the task is cancelled before all of them are in.
    public func read(
        ranges: [Range<Int64>], options: AIOOptions = []
    ) async throws -> [Result<AIOBuffer, any Error>] {
        try begin(subject("read"))
        defer { lease.end() }
        if Task.isCancelled { throw subject("read").cancellation }
        guard !ranges.isEmpty else { return [] }
        let reads = ranges.map { RangeRead($0, self, options) }
        let outcomes = await context.perform(reads.compactMap(\.request))
        if Task.isCancelled, outcomes.contains(.cancelled) { throw subject("read").cancellation }
        var next = outcomes.makeIterator()
        return reads.map { read in Result { try read.bytes(of: self) { next.next() ?? .cancelled } } }
    }

    fileprivate func count(of range: Range<Int64>) throws -> Int {
        let (count, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        guard !overflow else {
            throw subject("read", at: range.lowerBound).error(
                .invalidArgument, advice: "the range is longer than any file")
        }
        return Int(count)
    }
}

/// One range on its way: what to ask the kernel, if anything, and how to cut the answer.
private struct RangeRead {
    private enum Step {
        case failed(any Error)
        /// The page cache had it all.
        case done(Outcome)
        /// The page cache had the first bytes; the engine brings the rest.
        case asks(Request, after: Int)
    }

    private let step: Step
    private let range: Range<Int64>
    private let span: AlignedSpan
    private let storage: BufferStorage

    init(_ range: Range<Int64>, _ file: AIOFile, _ options: AIOOptions) {
        self.range = range
        do {
            (span, storage) = try Self.place(range, file)
            step = Self.begin(span, storage, file, options)
        } catch {
            (span, storage) = (AlignedSpan(0, 0, 1), .empty)
            step = .failed(error)
        }
    }

    /// The blocks that hold the range, and memory for them; throws as any read of it would.
    private static func place(_ range: Range<Int64>, _ file: AIOFile) throws -> (AlignedSpan, BufferStorage) {
        let count = try file.count(of: range)
        let subject = file.subject("read", at: range.lowerBound, count: count)
        try file.check(subject, at: range.lowerBound, count: count)
        let span = AlignedSpan(range.lowerBound, count, file.alignment.offset)
        guard let storage = BufferStorage(uninitialized: span.count) else { throw subject.error(.noMemory) }
        return (span, storage)
    }

    private static func begin(
        _ span: AlignedSpan, _ storage: BufferStorage, _ file: AIOFile, _ options: AIOOptions
    ) -> Step {
        let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[..<span.count])
        switch file.readCached(memory, at: span.offset, options.flags) {
        case .all(let result): return .done(Outcome(result))
        case .first(let count):
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            return .asks(
                Request(
                    .read(file.descriptor, into: rest, at: span.offset + Int64(count), flags: options.flags),
                    kind: .read, route: file.route(count: rest.count, flags: options.flags), policy: .abandon,
                    memory: .borrowing(storage), lease: .passUnretained(file.lease)), after: count)
        }
    }

    var request: Request? {
        guard case .asks(let request, _) = step else { return nil }
        return request
    }

    /// The range's bytes; `answer` is asked for what the engine brought, if it was asked for anything.
    func bytes(of file: AIOFile, _ answer: () -> Outcome) throws -> AIOBuffer {
        let outcome =
            switch step {
            case .failed(let error): throw error
            case .done(let outcome): outcome
            case .asks(_, let count): answer().after(count)
            }
        let read = try outcome.get(file.subject("read", at: range.lowerBound, count: range.count))
        return AIOBuffer(storage, start: span.lead, count: min(max(0, read - span.lead), range.count))
    }
}

extension AIOContext {
    /// Several operations, started together; returns when the last has ended.
    func perform(_ requests: [Request]) async -> [Outcome] {
        guard !requests.isEmpty else { return [] }
        let group = RequestGroup(count: requests.count)
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            // A cancelled task is found by the loop, as any other.
            group.start(requests, on: self, waiter: .current, continuation)
        }
        return group.outcomes
    }
}

/// Operations that one task awaits together.
private final class RequestGroup: @unchecked Sendable {
    // Sendable by hand: each member is written by the one completion it belongs to, and read after the last.
    private struct Member {
        var outcome = Outcome(0)
        var group: Unmanaged<RequestGroup>
    }

    private let members: UnsafeMutableBufferPointer<Member>
    private let left: Atomic<Int>
    private var continuation: UnsafeContinuation<Void, Never>?

    init(count: Int) {
        members = .allocate(capacity: count)
        left = Atomic(count)
        members.initialize(repeating: Member(group: Unmanaged.passUnretained(self)))
    }

    deinit { members.deallocate() }

    var outcomes: [Outcome] { members.map(\.outcome) }

    func start(
        _ requests: [Request], on context: AIOContext, waiter: Waiter, _ continuation: UnsafeContinuation<Void, Never>
    ) {
        self.continuation = continuation
        let operations = requests.indices.map { index in
            context.prioritized(requests[index]).operation(waiter, completion(of: members.baseAddress! + index))
        }
        operations.withUnsafeBufferPointer { context.engine.start($0) }
    }

    private func completion(of member: UnsafeMutablePointer<Member>) -> Completion {
        Completion(token: UInt(bitPattern: member)) { token, outcome in
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
