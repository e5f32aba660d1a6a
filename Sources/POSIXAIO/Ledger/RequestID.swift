/// Identifies one request for good: the index of its entry in the ledger, and a generation that is the request's own
/// among those that have used the entry.
package struct RequestID: Hashable, Sendable {
    package let index: UInt32
    package let generation: UInt32
}
