internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

/// The ranges of one call on their way: where each has its memory, what is to be asked of the engine for it, and
/// how to cut the answer.
struct RangePlan {
    private struct Entry {
        /// The range, widened to whole blocks.
        var span: AlignedSpan
        /// What was asked for.
        var count: Int
        var storage: BufferStorage
        /// Where the span begins in `storage`.
        var start = 0
        /// Bytes that the page cache had; the engine brings those behind them.
        var cached = 0
        /// The page cache had it all, or the engine was not asked for another reason.
        var isSettled = false
    }

    private let ranges: [Range<Int64>]
    private var entries: [Entry] = []
    /// What is wrong with single ranges.
    private var failures: [Int: any Error] = [:]

    /// More than this in all, and each range has its own memory: one that is kept would keep too much.
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
                entry.isSettled = true
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
        for index in entries.indices where !entries[index].isSettled {
            entries[index].start = 0
            if let own = BufferStorage(uninitialized: entries[index].span.count) {
                entries[index].storage = own
            } else {
                failures[index] = file.subject("read", of: ranges[index]).error(.noMemory)
                entries[index].isSettled = true
            }
        }
    }

    /// Takes what the page cache has; returns the operations for the rest.
    mutating func begin(_ file: AIOFile, _ options: AIOOptions, _ group: OperationGroup) -> [Operation] {
        let waiter = Waiter.current
        let isDirect = file.caching == .direct
        var operations: [Operation] = []
        operations.reserveCapacity(entries.count)
        for index in entries.indices where !entries[index].isSettled {
            let span = entries[index].span
            let start = entries[index].start
            let storage = entries[index].storage
            let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[start..<start + span.count])
            switch isDirect ? .first(0, begun: false) : file.readCached(memory, at: span.offset, options.flags) {
            case .all(let result):
                entries[index].isSettled = true
                group.settle(index, Outcome(result))
            case .first(let count, let begun):
                entries[index].cached = count
                let request = request(index, file, options, begun: begun)
                operations.append(file.context.prioritized(request).operation(waiter, group.completion(index)))
            }
        }
        return operations
    }

    /// What the engine is to bring of a range: that which the page cache did not have.
    private func request(_ index: Int, _ file: AIOFile, _ options: AIOOptions, begun: Bool) -> Request {
        let entry = entries[index]
        let memory = UnsafeMutableRawBufferPointer(
            rebasing: entry.storage.memory[entry.start + entry.cached..<entry.start + entry.span.count])
        return Request(
            .read(file.descriptor, into: memory, at: entry.span.offset + Int64(entry.cached), flags: options.flags),
            kind: .read, route: file.route(count: memory.count, flags: options.flags, begun: begun),
            policy: .abandon, memory: .borrowing(entry.storage), lease: .passUnretained(file.lease))
    }

    /// Tries again what failed, as the context's policy says: one after the other, as the pauses are for the device.
    func repeatFailed(_ file: AIOFile, _ options: AIOOptions, _ group: OperationGroup) async {
        for index in entries.indices where !entries[index].isSettled && group[index].errno != nil {
            let request = request(index, file, options, begun: false)
            group.settle(index, await file.repeated(request, after: group[index]))
        }
    }

    /// Each range's bytes, or its error.
    func results(_ file: AIOFile, _ group: OperationGroup) -> [Result<AIOBuffer, any Error>] {
        entries.indices.map { index in
            if !failures.isEmpty, let failure = failures[index] { return .failure(failure) }
            let entry = entries[index]
            let outcome = group[index].after(entry.cached)
            guard let read = outcome.result else {
                return .failure(file.subject("read", of: ranges[index]).error(outcome))
            }
            return .success(
                AIOBuffer(
                    entry.storage, start: entry.start + entry.span.lead,
                    count: min(max(0, read - entry.span.lead), entry.count)))
        }
    }
}

extension AIOFile {
    /// The bytes of a range that one read may ask for.
    fileprivate func checkedCount(of range: Range<Int64>) throws -> Int {
        let (count, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        guard !overflow else {
            throw subject("read", at: range.lowerBound).error(
                .invalidArgument, advice: "the range is longer than any file")
        }
        try check(subject("read", at: range.lowerBound, count: Int(count)), at: range.lowerBound, count: Int(count))
        return Int(count)
    }

    fileprivate func subject(_ operation: String, of range: Range<Int64>) -> Subject {
        subject(operation, at: range.lowerBound, count: range.count)
    }
}
