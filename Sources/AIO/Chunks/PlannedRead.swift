/// A read that a ``ReadWindow`` has planned: its range, and its index in the ring.
struct PlannedRead: Equatable {
    let index: Int
    let offset: Int64
    let count: Int
}
