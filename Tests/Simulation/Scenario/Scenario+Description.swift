extension Scenario: CustomStringConvertible {
    var description: String {
        var lines = [
            "\(loops) loops, depth \(queueDepth), \(blockingThreads) blocking threads, pending at most "
                + (maximumPending.map(String.init) ?? "any") + ", \(prepares ? "prepares" : "prepares later"), "
                + "\(refusals) refusals\(fallsBack ? ", falls back" : ""), polls \(pollingNanoseconds) ns, \(mode)"
        ]
        let rates = Faults.rates.filter { faults[keyPath: $0] != .never }
        lines += rates.map { "fault \($0): one in \(faults[keyPath: $0].oneIn)" }
        for (number, actions) in actors.enumerated() {
            lines.append("actor \(number):")
            lines += actions.map { "  \($0)" }
        }
        lines.append("then close, \(closesCancelling ? "cancelling" : "draining")")
        return lines.joined(separator: "\n")
    }
}

extension Action: CustomStringConvertible {
    var description: String {
        switch self {
        case .start(let one): "start \(one)"
        case .startTogether(let all): "start together: " + all.map(\.description).joined(separator: "; ")
        case .cancel(let back): "cancel the one \(back) before the last"
        case .cancelWaiter(let back): "cancel the waiter of the one \(back) before the last"
        case .close(let cancelling): "close, \(cancelling ? "cancelling" : "draining")"
        case .closeFile(let file): "close file \(file)"
        case .snapshot: "take a snapshot"
        case .inspect: "inspect"
        case .idle(let nanoseconds): "idle for \(nanoseconds / 1000) us"
        case .job(let loop, let busy, let actions):
            "have loop \(loop) do [\(actions.map(\.description).joined(separator: "; "))], busy for \(busy / 1000) us"
        case .wakeLoop(let loop): "wake loop \(loop)"
        case .inline(let bytes): "record \(bytes) bytes done inline"
        }
    }
}

extension OperationSpecification: CustomStringConvertible {
    var description: String {
        "\(kind) by \(route), \(policy), \(count) bytes of file \(file)"
            + (hasWaiter ? ", scanned" : "") + (followers > 0 ? ", \(followers) follow" : "")
    }
}
