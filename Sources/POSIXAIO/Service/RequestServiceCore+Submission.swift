extension RequestServiceCore {
    /// Admits a request to the ledger and fills its cell.
    ///
    /// - Returns: its first stage, or nil if it has to wait for others.
    mutating func admit(
        _ request: RequestDescription, _ nature: RequestCell.Nature, _ ordering: RequestLedger.Ordering,
        _ service: RequestService
    ) -> RequestStart? {
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
            cell.pointee.cancellationRequested = false
            cell.pointee.earlierError = 0
        }
        return starts ? start(id) : nil
    }

    /// Begins the next stage of a running request.
    mutating func start(_ id: RequestID) -> RequestStart {
        let cell = cells[Int(id.index)]
        cell.pointee.stage &+= 1
        cell.pointee.operation = nil
        return RequestStart(cell: cell, id: id, stage: cell.pointee.stage)
    }
}
