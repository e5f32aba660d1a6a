/// All that the service's lock guards.
///
/// - `RequestServiceCore+Submission.swift`: requests come in and are started.
/// - `RequestServiceCore+Completion.swift`: requests complete.
/// - `RequestServiceCore+Cancellation.swift`: requests are cancelled.
struct RequestServiceCore: @unchecked Sendable {
    // Unchecked for the cells: each is used by the thread that carries out its request, or under the lock.
    var ledger = RequestLedger()
    /// One for each of the ledger's entries; never freed, as late completions carry their addresses.
    var cells: ContiguousArray<UnsafeMutablePointer<RequestCell>> = []
    /// How many calls of `cancel` are under way.
    var cancelling = 0
    /// The requests that completed as cancelled during those calls.
    var cancelled: Set<RequestID> = []
}
