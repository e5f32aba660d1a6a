/// What an operation is, for the statistics.
package enum OperationKind: UInt8, CaseIterable, Sendable {
    case read, write, synchronize, poll, open, close, metadata
}
