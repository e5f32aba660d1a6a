extension RequestLedger {
    /// Describes the first invariant that does not hold, in a sentence; nil if all hold. For tests.
    package func violation() -> String? {
        var seen = Set<UInt32>()
        for (descriptor, queue) in queues {
            if let violation = violation(of: queue, on: descriptor, &seen) {
                return "descriptor \(descriptor): \(violation)"
            }
        }
        for (index, entry) in entries.enumerated() where !seen.contains(UInt32(index)) {
            guard entry.state == .free || entry.state == .leaving else { return "entry \(index) is in no queue" }
        }
        return nil
    }

    private func violation(of queue: Queue, on descriptor: Int32, _ seen: inout Set<UInt32>) -> String? {
        guard queue.oldest != .noRequest else { return "an empty queue is kept" }
        var older = UInt32.noRequest
        var index = queue.oldest
        var (barriers, onlyBarriers) = (0, true)
        while index != .noRequest {
            let entry = entries[Int(index)]
            guard entry.descriptor == descriptor, entry.older == older else { return "entry \(index) is misplaced" }
            guard entry.state != .free, entry.state != .leaving else { return "entry \(index) is \(entry.state)" }
            guard seen.insert(index).inserted else { return "entry \(index) is there twice" }
            switch entry.ordering {
            case .none: if entry.state == .waiting { return "entry \(index) has nothing to wait for" }
            case .read: if let wrong = queue.reads.violation(index, entry) { return wrong }
            case .write, .append: if let wrong = queue.writes.violation(index, entry) { return wrong }
            case .barrier:
                if entry.state == .waiting { barriers += 1 }
                guard (entry.state == .waiting) == !onlyBarriers else { return "barrier \(index) is \(entry.state)" }
            }
            onlyBarriers = onlyBarriers && entry.ordering == .barrier
            (older, index) = (index, entry.newer)
        }
        guard queue.newest == older else { return "the newest is not the last" }
        return barriers == queue.waitingBarriers ? nil : "\(barriers) barriers wait, not \(queue.waitingBarriers)"
    }
}

extension RequestLedger.Line {
    fileprivate func violation(_ index: UInt32, _ entry: RequestLedger.Entry) -> String? {
        let waits = waiting.contains(index)
        if entry.state == .waiting { return waits && running != index ? nil : "entry \(index) waits nowhere" }
        return !waits && running == index ? nil : "entry \(index) runs out of order"
    }
}
