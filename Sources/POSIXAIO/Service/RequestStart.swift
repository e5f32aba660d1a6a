/// One stage of a request that is to be started in the engine, after the lock.
struct RequestStart: @unchecked Sendable {
    // Unchecked: until the engine has taken the operation on, nobody else uses the cell.
    let cell: UnsafeMutablePointer<RequestCell>
    let id: RequestID
    let stage: UInt32
}
