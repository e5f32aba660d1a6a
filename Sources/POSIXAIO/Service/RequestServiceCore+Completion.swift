internal import AIOEngine
internal import SystemPackage

extension RequestServiceCore {
    /// Hands the error of a transfer that failed to the fsyncs that wait for it, as POSIX wants. A cancellation is not
    /// an error in this sense: the program made it itself.
    func failBarriers(behind cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        guard let error = outcome.errno else { return }
        if case .synchronize = cell.pointee.request.kind { return }
        for barrier in ledger.barriers(behind: cell.pointee.id) {
            let waiting = cells[Int(barrier.index)]
            if waiting.pointee.earlierError == 0 { waiting.pointee.earlierError = error.rawValue }
        }
    }

    /// Writes the outcome of a request, and releases what the cell kept for it.
    mutating func complete(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) -> CompletedRequest {
        defer {
            cell.pointee.request.group = nil
            cell.pointee.request.owner = nil
        }
        // The fsync's own error takes precedence over that of an earlier transfer.
        let earlier = Int(cell.pointee.earlierError)
        return CompletedRequest(
            cell.pointee.request, earlier != 0 && outcome.result != nil ? Outcome(-earlier) : outcome)
    }
}
