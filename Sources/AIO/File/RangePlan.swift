internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

/// The plan of one read of several ranges: the memory of each range, the operation that the engine performs for it, and
/// how the range's bytes are cut out of the result.
struct RangePlan {
    private struct Entry {
        /// The range, widened to whole blocks.
        var span: AlignedSpan
        /// How many bytes of the range were requested.
        var count: Int
        var storage: BufferStorage
        /// Where the span begins in `storage`.
        var start = 0
        /// How many bytes were read inline; the engine reads those behind them.
        var cached = 0
        /// Whether nothing is left for the engine.
        var isDone = false
    }

    private let ranges: [Range<Int64>]
    private var entries: [Entry] = []
    /// The errors of single ranges, by their index.
    private var failures: [Int: any Error] = [:]

    /// The most bytes for which the ranges share memory: beyond it, a buffer that is kept would hold too much.
    private static let sharedLimit = 1 << 20

    init(_ ranges: [Range<Int64>], _ file: AIOFile) {
        self.ranges = ranges
        entries.reserveCapacity(ranges.count)
        let step = max(64, file.alignment.memory)
        var total = 0
        for range in ranges {
            var entry = Entry(span: AlignedSpan(0, 0, 1), count: 0, storage: .empty)
            do {
                entry.count = try file.checkedCount(of: range)
                entry.span = AlignedSpan(range.lowerBound, entry.count, file.alignment.offset)
                entry.start = total
                total += (entry.span.count + step - 1) / step * step
            } catch {
                failures[entries.count] = error
                entry.isDone = true
            }
            entries.append(entry)
        }
        provideMemory(total, file)
    }

    private mutating func provideMemory(_ total: Int, _ file: AIOFile) {
        if total <= Self.sharedLimit, let shared = BufferStorage(uninitialized: total) {
            for index in entries.indices { entries[index].storage = shared }
            return
        }
        for index in entries.indices where !entries[index].isDone {
            entries[index].start = 0
            if let own = BufferStorage(uninitialized: entries[index].span.count) {
                entries[index].storage = own
            } else {
                failures[index] = file.details("read", of: ranges[index]).error(.noMemory)
                entries[index].isDone = true
            }
        }
    }

    /// Reads inline what the page cache has.
    ///
    /// - Returns: the operations that read the rest.
    mutating func start(_ file: AIOFile, _ options: AIOOptions, _ group: OperationGroup) -> [OperationGroup.Member] {
        let isDirect = file.caching == .direct
        var operations: [OperationGroup.Member] = []
        operations.reserveCapacity(entries.count)
        for index in entries.indices where !entries[index].isDone {
            let span = entries[index].span
            let start = entries[index].start
            let storage = entries[index].storage
            let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[start..<start + span.count])
            switch isDirect ? .first(0, begun: false) : file.readCached(memory, at: span.offset, options.flags) {
            case .all(let result):
                entries[index].isDone = true
                group.record(index, Outcome(result))
            case .first(let count, let begun):
                entries[index].cached = count
                let operation = file.context.prioritized(operation(index, file, options, begun: begun))
                operations.append((operation, group.completion(index)))
            }
        }
        return operations
    }

    /// Returns the operation that reads the bytes of a range that the page cache did not have.
    private func operation(_ index: Int, _ file: AIOFile, _ options: AIOOptions, begun: Bool) -> Operation {
        let entry = entries[index]
        let memory = UnsafeMutableRawBufferPointer(
            rebasing: entry.storage.memory[entry.start + entry.cached..<entry.start + entry.span.count])
        return Operation(
            .read(file.descriptor, into: memory, at: entry.span.offset + Int64(entry.cached), flags: options.flags),
            kind: .read, route: file.route(count: memory.count, flags: options.flags, begun: begun),
            policy: .abandon, memory: .borrowing(entry.storage), lease: .passUnretained(file.lease))
    }

    /// Retries the reads that failed, as the policy says. One range after the other, as the pauses are meant to spare
    /// the device.
    func retryFailed(
        _ file: AIOFile, _ options: AIOOptions, _ group: OperationGroup, _ policy: AIORetryPolicy
    ) async {
        for index in entries.indices where !entries[index].isDone && group[index].errno != nil {
            let operation = operation(index, file, options, begun: false)
            guard file.isRepeatable(operation) else { continue }
            group.record(index, await file.context.retry(operation, after: group[index], policy))
        }
    }

    /// Returns each range's bytes, or its error.
    func results(_ file: AIOFile, _ group: OperationGroup) -> [Result<AIOBuffer, any Error>] {
        entries.indices.map { index in
            if !failures.isEmpty, let failure = failures[index] { return .failure(failure) }
            let entry = entries[index]
            let outcome = group[index].after(entry.cached)
            guard let read = outcome.result else {
                return .failure(file.details("read", of: ranges[index]).error(outcome))
            }
            return .success(
                AIOBuffer(
                    entry.storage, start: entry.start + entry.span.lead,
                    count: min(max(0, read - entry.span.lead), entry.count)))
        }
    }
}

extension AIOFile {
    /// Returns how many bytes a range has; throws for a range that one read cannot have.
    fileprivate func checkedCount(of range: Range<Int64>) throws -> Int {
        let (count, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        guard !overflow else {
            throw details("read", at: range.lowerBound).error(
                .invalidArgument, advice: "the range is longer than any file")
        }
        try check(details("read", at: range.lowerBound, count: Int(count)), at: range.lowerBound, count: Int(count))
        return Int(count)
    }

    fileprivate func details(_ operation: String, of range: Range<Int64>) -> ErrorDetails {
        details(operation, at: range.lowerBound, count: range.count)
    }
}
