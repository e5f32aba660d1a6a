extension RequestLedger {
    /// What is wrong inside, in a sentence; nil when nothing is. For tests.
    package func violation() -> String? {
        var seen = Set<UInt32>()
        for (descriptor, queue) in queues {
            if let violation = violation(of: queue, on: descriptor, &seen) {
                return "descriptor \(descriptor): \(violation)"
            }
        }
        for (index, record) in records.enumerated() where !seen.contains(UInt32(index)) {
            guard record.state == .free || record.state == .leaving else { return "record \(index) is in no queue" }
        }
        return nil
    }

    private func violation(of queue: Queue, on descriptor: Int32, _ seen: inout Set<UInt32>) -> String? {
        guard queue.oldest != .noRequest else { return "an empty queue is kept" }
        var older = UInt32.noRequest
        var index = queue.oldest
        var (barriers, onlyBarriers) = (0, true)
        while index != .noRequest {
            let record = records[Int(index)]
            guard record.descriptor == descriptor, record.older == older else { return "record \(index) is misplaced" }
            guard record.state != .free, record.state != .leaving else { return "record \(index) is \(record.state)" }
            guard seen.insert(index).inserted else { return "record \(index) is there twice" }
            switch record.ordering {
            case .none: if record.state == .waiting { return "record \(index) has nothing to wait for" }
            case .read: if let wrong = queue.reads.violation(index, record) { return wrong }
            case .write, .append: if let wrong = queue.writes.violation(index, record) { return wrong }
            case .barrier:
                if record.state == .waiting { barriers += 1 }
                guard (record.state == .waiting) == !onlyBarriers else { return "barrier \(index) is \(record.state)" }
            }
            onlyBarriers = onlyBarriers && record.ordering == .barrier
            (older, index) = (index, record.newer)
        }
        guard queue.newest == older else { return "the newest is not the last" }
        return barriers == queue.waitingBarriers ? nil : "\(barriers) barriers wait, not \(queue.waitingBarriers)"
    }
}

extension RequestLedger.Line {
    fileprivate func violation(_ index: UInt32, _ record: RequestLedger.Record) -> String? {
        let waits = waiting.contains(index)
        if record.state == .waiting { return waits && running != index ? nil : "record \(index) waits nowhere" }
        return !waits && running == index ? nil : "record \(index) runs out of ordering"
    }
}
