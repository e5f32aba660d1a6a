extension OperationLedger {
    /// Everything that must hold between two transitions; a sentence for what does not. For tests and debug
    /// builds: it looks at every record.
    package func violation() -> String? {
        var counted = (live: 0, pending: 0, places: 0, running: 0, listed: 0)
        for record in records where record.state != .free {
            counted.live += 1
            if record.holdsPlace { counted.places += 1 }
            switch record.state {
            case .queued, .laneQueued, .laneWaiting: counted.listed += 1
            case .free, .submitted, .laneRunning: break
            }
            switch record.state {
            case .queued where record.holdsPlace, .laneWaiting where record.holdsPlace:
                return "a \(record.state) operation holds a place"
            case .submitted where !record.holdsPlace: return "a submitted operation holds no place"
            case .queued, .laneWaiting: counted.pending += 1
            case .laneQueued where !record.holdsPlace: counted.pending += 1
            case .laneRunning where !record.holdsPlace: counted.running += 1
            default: break
            }
        }
        if counted.live != live { return "live is \(live), counted \(counted.live)" }
        if counted.pending != pending { return "pending is \(pending), counted \(counted.pending)" }
        if counted.places != placesTaken { return "places taken are \(placesTaken), counted \(counted.places)" }
        if counted.running != laneRunning { return "lane runs \(laneRunning), counted \(counted.running)" }
        if placesTaken > queueDepth { return "\(placesTaken) places taken of \(queueDepth)" }
        let listed = kernelQueue.count + laneWaiting.count + laneQueue.count
        if counted.listed != listed { return "the lists hold \(listed), counted \(counted.listed)" }
        return kernelQueue.violation(of: .queued, in: records) ?? laneQueue.violation(of: .laneQueued, in: records)
            ?? laneWaiting.violation(of: .laneWaiting, in: records)
    }
}

extension IndexList {
    fileprivate func violation(
        of state: OperationLedger.State, in records: ContiguousArray<OperationLedger.Record>
    ) -> String? {
        var (index, previous, seen) = (head, UInt32.none, 0)
        while index != .none {
            if records[Int(index)].state != state { return "\(records[Int(index)].state) in the list of \(state)" }
            if records[Int(index)].previous != previous { return "a broken link in the list of \(state)" }
            (previous, index, seen) = (index, records[Int(index)].next, seen + 1)
            if seen > records.count { return "a cycle in the list of \(state)" }
        }
        if seen != count { return "the list of \(state) holds \(seen), says \(count)" }
        return tail == previous ? nil : "the list of \(state) has a wrong end"
    }
}
