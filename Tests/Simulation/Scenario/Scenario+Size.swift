extension Scenario {
    /// How much there is to understand.
    var size: Int {
        var size = actors.reduce(0) { $0 + 20 + $1.reduce(0) { $0 + $1.size } }
        for rate in Faults.rates where faults[keyPath: rate] != .never { size += 5 }
        size += faults.isSlow ? 1 : 0
        size += (pollingNanoseconds > 0 ? 3 : 0) + (maximumPending == nil ? 0 : 3) + refusals + (prepares ? 0 : 3)
        size += repeats ? 1 : 0
        return size + (fallsBack ? 3 : 0) + blockingThreads
    }
}

extension Action {
    var size: Int {
        switch self {
        case .start(let one): 10 + one.size
        case .startTogether(let all): 11 + all.reduce(0) { $0 + 5 + $1.size }
        case .job(_, _, let actions): 12 + actions.reduce(0) { $0 + $1.size }
        default: 10
        }
    }

    /// The same with less in it.
    var plain: Action {
        switch self {
        case .start(let one): .start(one.plain)
        case .startTogether(let all):
            all.count == 1 ? .start(all[0].plain) : .startTogether(all.dropLast().map(\.plain))
        case .job(let loop, let busy, let actions): .job(loop: loop, busy: busy, Array(actions.dropLast()))
        default: self
        }
    }
}

extension OperationSpecification {
    var size: Int { followers + (hasWaiter ? 1 : 0) + (count > 512 ? 1 : 0) + file }

    /// The same without followers, waiter and length.
    var plain: OperationSpecification {
        var one = self
        (one.followers, one.hasWaiter, one.count, one.file) = (0, false, 512, 0)
        return one
    }
}
