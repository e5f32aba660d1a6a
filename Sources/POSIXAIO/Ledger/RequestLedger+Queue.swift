extension RequestLedger.Queue {
    typealias Records = ContiguousArray<RequestLedger.Record>

    /// Puts a request behind the others; whether it may start.
    mutating func admit(
        _ index: UInt32, ordering: RequestLedger.Ordering, priority: Int32, in records: inout Records
    ) -> Bool {
        records[Int(index)].older = newest
        if newest == .noRequest { oldest = index } else { records[Int(newest)].newer = index }
        newest = index
        switch ordering {
        case .none: return true
        case .read: return reads.admit(index, in: records)
        case .write, .append: return writes.admit(index, in: records)
        case .barrier:
            // Older barriers run, or wait for what this one has to wait for as well.
            let isFirst = isAfterBarriersOnly(index, in: records)
            if !isFirst { waitingBarriers += 1 }
            return isFirst
        }
    }

    private func isAfterBarriersOnly(_ index: UInt32, in records: Records) -> Bool {
        if waitingBarriers > 0 { return false }
        var older = records[Int(index)].older
        while older != .noRequest {
            if records[Int(older)].ordering != .barrier { return false }
            older = records[Int(older)].older
        }
        return true
    }

    /// Takes a request out; tells of those that may start because of it.
    mutating func remove(_ index: UInt32, in records: inout Records, start: (RequestID) -> Void) {
        let record = records[Int(index)]
        unlink(record, in: &records)
        var next: UInt32?
        switch record.ordering {
        case .none: break
        case .read: next = reads.remove(index)
        case .write, .append: next = writes.remove(index)
        case .barrier: if record.state == .waiting { waitingBarriers -= 1 }
        }
        if let next { start(RequestID(index: next, generation: records[Int(next)].generation)) }
        startBarriers(in: records, start)
    }

    private mutating func unlink(_ record: RequestLedger.Record, in records: inout Records) {
        if record.older == .noRequest {
            oldest = record.newer
        } else {
            records[Int(record.older)].newer = record.newer
        }
        if record.newer == .noRequest {
            newest = record.older
        } else {
            records[Int(record.newer)].older = record.older
        }
    }

    /// The barriers that nothing but barriers is older than.
    private mutating func startBarriers(in records: Records, _ start: (RequestID) -> Void) {
        var index = oldest
        while waitingBarriers > 0, index != .noRequest, records[Int(index)].ordering == .barrier {
            if records[Int(index)].state == .waiting {
                waitingBarriers -= 1
                start(RequestID(index: index, generation: records[Int(index)].generation))
            }
            index = records[Int(index)].newer
        }
    }
}

extension RequestLedger.Line {
    /// Whether it may start at once; otherwise it waits behind those that are as urgent.
    mutating func admit(_ index: UInt32, in records: RequestLedger.Queue.Records) -> Bool {
        if running == .noRequest {
            running = index
            return true
        }
        let record = records[Int(index)]
        var place = waiting.count
        if record.ordering != .append {
            while place > 0, case let before = records[Int(waiting[place - 1])],
                before.ordering != .append, before.priority > record.priority
            {
                place -= 1
            }
        }
        waiting.insert(index, at: place)
        return false
    }

    /// Takes one out, and says who runs in its place.
    mutating func remove(_ index: UInt32) -> UInt32? {
        guard running == index else {
            waiting.removeAll { $0 == index }
            return nil
        }
        guard !waiting.isEmpty else {
            running = .noRequest
            return nil
        }
        running = waiting.removeFirst()
        return running
    }
}
