/// Pieces of work for a blocking pool, counted by how soon each of them wants a thread.
struct BlockingDemand: Hashable {
    /// Pieces that want a thread each, as far as the pool may have so many.
    var dedicated = 0
    /// Pieces that are fine behind others on a few threads: the device works on them already
    /// (``Route/pooledCall``), and a thread mostly waits.
    var pooled = 0

    var isEmpty: Bool { dedicated == 0 && pooled == 0 }
    var count: Int { dedicated + pooled }

    /// Counts one operation that goes by `route`.
    mutating func add(_ route: Route) {
        if route == .pooledCall { pooled += 1 } else { dedicated += 1 }
    }

    /// Returns all that was added since the last call, and begins again at none.
    mutating func take() -> BlockingDemand {
        defer { self = BlockingDemand() }
        return self
    }
}
