internal import AIOEngine
internal import AIOKernel
internal import CPOSIXAIO
internal import ForkSafeMutex
internal import Glibc
internal import SystemPackage

extension RequestService {
    /// The largest buffered read, in bytes, that is tried in the page cache on the calling thread. To copy more would
    /// take as long as a disk.
    private static let inlineLimit = 1 << 20

    /// Submits a request. Whatever is wrong with it becomes its outcome.
    package func submit(_ request: RequestDescription) {
        if let start = admit(request) { perform(start) }
    }

    /// Submits several requests; those that go to the kernel at once go in one call.
    package func submit(_ requests: [RequestDescription]) {
        let starts = requests.compactMap(admit)
        guard !starts.isEmpty else { return }
        let operations = starts.map { operation(for: $0) }
        withUnsafeTemporaryAllocation(of: OperationID?.self, capacity: starts.count) { ids in
            ids.initialize(repeating: nil)
            operations.withUnsafeBufferPointer { engine.start($0, ids: ids) }
            for (start, id) in zip(starts, ids) { record(id, of: start) }
        }
    }

    /// Completes the request inline if it needs no engine, and admits it otherwise.
    ///
    /// - Returns: what is to be started, if the request need not wait for others.
    private func admit(_ request: RequestDescription) -> RequestStart? {
        pxa_begin(request.state)
        var descriptor = pxa_descriptor()
        let error = pxa_look(request.descriptor, &descriptor)
        if error < 0 { return completeInline(request, Outcome(Int(error))) }
        if let refused = refusal(of: request, descriptor) { return completeInline(request, refused) }
        if request.kind == .read, !descriptor.stream, !descriptor.direct, request.count <= Self.inlineLimit {
            let result = pxa_read_cached(request.descriptor, request.buffer, request.count, request.offset)
            if result != -Int(EAGAIN) { return completeInline(request, Outcome(result)) }
        }
        let nature = nature(of: request, descriptor)
        let ordering = ordering(of: request, descriptor)
        return core.withLock { $0.admit(request, nature, ordering, self) }
    }

    /// The error that read(2), write(2), pread(2) and pwrite(2) would return before any I/O.
    private func refusal(of request: RequestDescription, _ descriptor: pxa_descriptor) -> Outcome? {
        switch request.kind {
        case .read where !descriptor.readable, .write where !descriptor.writable: .failure(.badFileDescriptor)
        case .read, .write:
            // To the calls behind this, offset -1 means the file's own position.
            request.count < 0 || (request.offset < 0 && !descriptor.stream) ? .failure(.invalidArgument) : nil
        case .synchronize: nil
        case .unknown: .failure(.invalidArgument)
        }
    }

    private func nature(of request: RequestDescription, _ descriptor: pxa_descriptor) -> RequestCell.Nature {
        if case .synchronize = request.kind { return .file(.kernel) }
        if descriptor.stream { return descriptor.non_blocking ? .nonBlocking : .stream }
        guard descriptor.direct, descriptor.storage else {
            // Buffered writes of one file go one by one, whatever threads there are: a thread for each would only contend.
            return .file(request.kind == .write ? .pooledCall : .blockingCall)
        }
        // Submitted by a blocking thread, which has SIGXFSZ blocked: on the caller's it would kill the program.
        let raises = request.kind == .write && pxa_exceeds_file_size_limit(request.offset, request.count)
        return .file(raises ? .blockingSubmit : .kernelUnlessBlocking)
    }

    private func ordering(of request: RequestDescription, _ descriptor: pxa_descriptor) -> RequestLedger.Ordering {
        switch request.kind {
        case .synchronize: .barrier
        case .unknown: .none
        case .read: descriptor.stream ? .read : .none
        case .write: descriptor.stream ? .write : descriptor.append ? .append : .none
        }
    }

    // MARK: To the engine

    /// Starts one stage of a request in the engine.
    func perform(_ start: RequestStart) {
        let (operation, completion) = operation(for: start)
        record(engine.start(operation, then: completion), of: start)
    }

    private func operation(for start: RequestStart) -> (operation: Operation, completion: Completion) {
        let token = UInt(bitPattern: start.cell)
        if case .file(let route) = start.cell.pointee.nature {
            let kind: OperationKind =
                switch start.cell.pointee.request.kind {
                case .read: .read
                case .write: .write
                case .synchronize, .unknown: .synchronize
                }
            let operation = Operation(start.cell.pointee.block, kind: kind, route: route, policy: .report)
            return (operation, Completion(token: token, function: transferCompleted))
        }
        let attempt = start.cell.pointee.attempt ?? makeAttempt(start.cell)
        let operation = Operation(
            ControlBlock(), kind: start.cell.pointee.writes ? .write : .read, route: .blockingWork, policy: .report,
            memory: Unmanaged.passUnretained(attempt as AnyObject))
        return (operation, Completion(token: token, function: attemptCompleted))
    }

    private func makeAttempt(_ cell: UnsafeMutablePointer<RequestCell>) -> BlockingWork {
        let address = UInt(bitPattern: cell)
        let attempt = BlockingWork { UnsafeMutablePointer<RequestCell>(bitPattern: address)!.attemptNow() }
        cell.pointee.attempt = attempt
        return attempt
    }

    /// Records the engine's operation ID for this stage so that it can be cancelled, unless the request has completed or
    /// moved on.
    func record(_ operation: OperationID?, of start: RequestStart) {
        guard let operation else { return }
        let isRequested = core.withLock { core in
            let state = core.ledger.state(start.id)
            guard state != .free, start.cell.pointee.stage == start.stage else { return false }
            start.cell.pointee.operation = operation
            return state == .leaving || start.cell.pointee.cancellationRequested
        }
        if isRequested { engine.cancel(operation) }
    }
}
