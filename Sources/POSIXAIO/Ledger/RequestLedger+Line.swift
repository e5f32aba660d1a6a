extension RequestLedger {
    /// One direction of a descriptor: the request that runs, and those that wait, the next one first.
    struct Line {
        var running: UInt32 = .noRequest
        var waiting: [UInt32] = []
    }
}

extension RequestLedger.Line {
    /// Runs the request if none does, or has it wait behind those that are as urgent or more.
    ///
    /// - Returns: whether it may start at once.
    mutating func admit(_ index: UInt32, in entries: RequestLedger.Queue.Entries) -> Bool {
        if running == .noRequest {
            running = index
            return true
        }
        let entry = entries[Int(index)]
        var position = waiting.count
        if entry.ordering != .append {
            while position > 0, case let before = entries[Int(waiting[position - 1])],
                before.ordering != .append, before.priority > entry.priority
            {
                position -= 1
            }
        }
        waiting.insert(index, at: position)
        return false
    }

    /// Removes a request and returns the one that runs from here on, if there is another.
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
