internal import AIOEngine

extension Outcome {
    /// The outcome of a read whose first `count` bytes were there before.
    func after(_ count: Int) -> Outcome {
        guard count > 0 else { return self }
        if let result { return Outcome(count + result) }
        // As read(2) does it: an error after some bytes is told by the next read.
        return errno == nil ? self : Outcome(count)
    }
}
