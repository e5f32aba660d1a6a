internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

extension AIOFile {
    /// Reads several ranges of the file at once: an iocb each, and one io_submit(2) for all of them on a
    /// direct file.
    ///
    /// - Returns: for each range, in order, its bytes (fewer at the end of the file) or what kept them.
    /// - Throws: only what concerns all of them: a closed file, a forked process, `CancellationError`.
    public func read(
        ranges: [Range<Int64>], options: AIOOptions = []
    ) async throws -> [Result<AIOBuffer, any Error>] {
        try begin(subject("read"))
        defer { lease.end() }
        if Task.isCancelled { throw CancellationError() }
        guard !ranges.isEmpty else { return [] }
        guard caching == .direct else { return await readOneByOne(ranges, options) }
        let reads = ranges.map { RangeRead($0, self, options) }
        let outcomes = await context.perform(reads.compactMap { try? $0.request.get() })
        if Task.isCancelled, outcomes.contains(.cancelled) { throw CancellationError() }
        var next = outcomes.makeIterator()
        return reads.map { read in
            switch read.request {
            case .failure(let error): .failure(error)
            case .success: Result { try read.bytes(next.next() ?? .cancelled, self) }
            }
        }
    }

    /// Buffered: each from the page cache if that has it; those it has not go to the lane side by side.
    private func readOneByOne(
        _ ranges: [Range<Int64>], _ options: AIOOptions
    ) async -> [Result<AIOBuffer, any Error>] {
        await withTaskGroup(of: (Int, Result<AIOBuffer, any Error>).self) { group in
            for (place, range) in ranges.enumerated() {
                group.addTask {
                    do {
                        let count = try self.count(of: range)
                        return (
                            place, .success(try await self.read(at: range.lowerBound, count: count, options: options))
                        )
                    } catch {
                        return (place, .failure(error))
                    }
                }
            }
            var results = [Result<AIOBuffer, any Error>](repeating: .success(AIOBuffer()), count: ranges.count)
            for await (place, result) in group { results[place] = result }
            return results
        }
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

/// One range on its way: what to ask the kernel, and how to cut the answer.
private struct RangeRead {
    let request: Result<Request, any Error>
    private let range: Range<Int64>
    private let span: AlignedSpan
    private let storage: BufferStorage

    init(_ range: Range<Int64>, _ file: AIOFile, _ options: AIOOptions) {
        self.range = range
        do {
            (span, storage) = try Self.place(range, file)
            let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[..<span.count])
            request = .success(
                Request(
                    .read(file.descriptor, into: memory, at: span.offset, flags: options.flags), kind: .read,
                    route: file.route(count: span.count, flags: options.flags), policy: .abandon,
                    memory: .borrowing(storage),
                    lease: .passUnretained(file.lease)))
        } catch {
            (span, storage) = (AlignedSpan(0, 0, 1), .empty)
            request = .failure(error)
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

    func bytes(_ outcome: Outcome, _ file: AIOFile) throws -> AIOBuffer {
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
            group.start(requests, on: engine, waiter: .current, continuation)
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
        _ requests: [Request], on engine: Engine, waiter: Waiter, _ continuation: UnsafeContinuation<Void, Never>
    ) {
        self.continuation = continuation
        let operations = requests.indices.map { index in
            requests[index].operation(waiter, completion(of: members.baseAddress! + index))
        }
        operations.withUnsafeBufferPointer { engine.start($0) }
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
