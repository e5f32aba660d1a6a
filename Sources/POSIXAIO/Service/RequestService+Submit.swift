internal import AIOEngine
internal import AIOKernel
internal import CPOSIXAIO
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension RequestService {
    /// Buffered reads up to this many bytes are looked for in the page cache on the calling thread: the copy of
    /// more would take as long as a disk.
    private static let inlineLimit = 1 << 20

    /// A request that is to be given to the engine.
    struct Start: @unchecked Sendable {
        // Sendable by hand: whoever has it has the cell, until the engine takes it on.
        let cell: UnsafeMutablePointer<RequestCell>
        let id: RequestID
        let stage: UInt32
    }

    /// Takes a request. Whatever is wrong with it is told by its state, as everything else is.
    package func submit(_ request: RequestDescription) {
        if let start = admit(request) { perform(start) }
    }

    /// Takes several; what can go to the kernel goes in one call.
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

    /// Finishes what needs no engine, and queues the rest; something to start, if it is its turn.
    private func admit(_ request: RequestDescription) -> Start? {
        pxa_begin(request.state)
        var descriptor = pxa_descriptor()
        let error = pxa_look(request.descriptor, &descriptor)
        if error < 0 { return finishAtOnce(request, Outcome(Int(error))) }
        if let refused = refusal(of: request, descriptor) { return finishAtOnce(request, refused) }
        if request.kind == .read, !descriptor.stream, !descriptor.direct, request.count <= Self.inlineLimit {
            let result = pxa_read_cached(request.descriptor, request.buffer, request.count, request.offset)
            if result != -Int(EAGAIN) { return finishAtOnce(request, Outcome(result)) }
        }
        let nature = nature(of: request, descriptor)
        let ordering = ordering(of: request, descriptor)
        return core.withLock { $0.admit(request, nature, ordering, self) }
    }

    /// What read(2), write(2), pread(2) and pwrite(2) would say without looking any further.
    private func refusal(of request: RequestDescription, _ descriptor: pxa_descriptor) -> Outcome? {
        switch request.kind {
        case .read where !descriptor.readable, .write where !descriptor.writable: .failure(.badFileDescriptor)
        case .read, .write:
            // Offset -1 means something else to the calls behind this.
            request.count < 0 || (request.offset < 0 && !descriptor.stream) ? .failure(.invalidArgument) : nil
        case .synchronize: nil
        case .unknown: .failure(.invalidArgument)
        }
    }

    private func nature(of request: RequestDescription, _ descriptor: pxa_descriptor) -> RequestCell.Nature {
        if case .synchronize = request.kind { return .file(.kernel) }
        if descriptor.stream { return descriptor.non_blocking ? .nonBlocking : .stream }
        guard descriptor.direct, descriptor.storage else { return .file(.blockingCall) }
        // A lane thread has SIGXFSZ blocked; the caller's is not ours to kill.
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

    func perform(_ start: Start) {
        let (operation, completion) = operation(for: start)
        record(engine.start(operation, then: completion), of: start)
    }

    private func operation(for start: Start) -> (operation: Operation, completion: Completion) {
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
    func record(_ operation: OperationID?, of start: Start) {
        guard let operation else { return }
        let isNotWanted = core.withLock { core in
            let state = core.ledger.state(start.id)
            guard state != .free, start.cell.pointee.stage == start.stage else { return false }
            start.cell.pointee.operation = operation
            return state == .leaving || start.cell.pointee.isNotWanted
        }
        if isNotWanted { engine.cancel(operation) }
    }
}

extension RequestService.Core {
    mutating func admit(
        _ request: RequestDescription, _ nature: RequestCell.Nature, _ ordering: RequestLedger.Ordering,
        _ service: RequestService
    ) -> RequestService.Start? {
        let (id, starts) = ledger.admit(descriptor: request.descriptor, ordering: ordering, priority: request.priority)
        if Int(id.index) == cells.count {
            let cell = UnsafeMutablePointer<RequestCell>.allocate(capacity: 1)
            cell.initialize(
                to: RequestCell(service: .passUnretained(service), id: id, request: request, nature: nature))
            cells.append(cell)
        } else {
            let cell = cells[Int(id.index)]
            cell.pointee.id = id
            cell.pointee.request = request
            cell.pointee.nature = nature
            cell.pointee.moved = 0
            cell.pointee.isNotWanted = false
            cell.pointee.earlierError = 0
        }
        return starts ? start(id) : nil
    }

    /// The next stage of a running request.
    mutating func start(_ id: RequestID) -> RequestService.Start {
        let cell = cells[Int(id.index)]
        cell.pointee.stage &+= 1
        cell.pointee.operation = nil
        return RequestService.Start(cell: cell, id: id, stage: cell.pointee.stage)
    }
}
