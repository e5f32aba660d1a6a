extension UInt32 {
    /// Where the ledger keeps an index: there is no request.
    static let noRequest = UInt32.max
}
