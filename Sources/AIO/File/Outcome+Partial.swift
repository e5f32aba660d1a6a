internal import AIOEngine

extension Outcome {
    /// Returns the outcome of a whole read whose first `count` bytes were read inline.
    func after(_ count: Int) -> Outcome {
        guard count > 0 else { return self }
        if let result { return Outcome(count + result) }
        // As with read(2), an error after some bytes is reported by the next read.
        return errno == nil ? self : Outcome(count)
    }
}
