/// The part of an event that a test compares.
struct Reaped: Hashable, Sendable {
    let data: UInt64
    let result: Int

    init(_ data: UInt64, _ result: Int) {
        self.data = data
        self.result = result
    }
}
