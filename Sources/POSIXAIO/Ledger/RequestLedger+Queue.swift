extension RequestLedger {
    /// The requests of one descriptor that have not completed, in the order of the calls.
    struct Queue {
        typealias Entries = ContiguousArray<Entry>

        var oldest: UInt32 = .noRequest
        var newest: UInt32 = .noRequest
        var reads = Line()
        var writes = Line()
        var waitingBarriers = 0
    }
}

extension RequestLedger.Queue {
    /// Appends a request to the queue and returns whether it may start.
    mutating func admit(_ index: UInt32, ordering: RequestLedger.Ordering, in entries: inout Entries) -> Bool {
        entries[Int(index)].older = newest
        if newest == .noRequest { oldest = index } else { entries[Int(newest)].newer = index }
        newest = index
        switch ordering {
        case .none: return true
        case .read: return reads.admit(index, in: entries)
        case .write, .append: return writes.admit(index, in: entries)
        case .barrier:
            // Older barriers run, or wait for what this one has to wait for as well.
            let isFirst = isAfterBarriersOnly(index, in: entries)
            if !isFirst { waitingBarriers += 1 }
            return isFirst
        }
    }

    private func isAfterBarriersOnly(_ index: UInt32, in entries: Entries) -> Bool {
        if waitingBarriers > 0 { return false }
        var older = entries[Int(index)].older
        while older != .noRequest {
            if entries[Int(older)].ordering != .barrier { return false }
            older = entries[Int(older)].older
        }
        return true
    }

    /// Removes a request, and calls `start` with each one that may start because of it.
    mutating func remove(_ index: UInt32, in entries: inout Entries, start: (RequestID) -> Void) {
        let entry = entries[Int(index)]
        unlink(entry, in: &entries)
        var next: UInt32?
        switch entry.ordering {
        case .none: break
        case .read: next = reads.remove(index)
        case .write, .append: next = writes.remove(index)
        case .barrier: if entry.state == .waiting { waitingBarriers -= 1 }
        }
        if let next { start(RequestID(index: next, generation: entries[Int(next)].generation)) }
        startBarriers(in: entries, start)
    }

    private mutating func unlink(_ entry: RequestLedger.Entry, in entries: inout Entries) {
        if entry.older == .noRequest {
            oldest = entry.newer
        } else {
            entries[Int(entry.older)].newer = entry.newer
        }
        if entry.newer == .noRequest {
            newest = entry.older
        } else {
            entries[Int(entry.newer)].older = entry.older
        }
    }

    /// Calls `start` with the waiting barriers that have only barriers before them.
    private mutating func startBarriers(in entries: Entries, _ start: (RequestID) -> Void) {
        var index = oldest
        while waitingBarriers > 0, index != .noRequest, entries[Int(index)].ordering == .barrier {
            if entries[Int(index)].state == .waiting {
                waitingBarriers -= 1
                start(RequestID(index: index, generation: entries[Int(index)].generation))
            }
            index = entries[Int(index)].newer
        }
    }
}
