internal import AIOEngine

extension Outcome {
    /// The result, or the error thrown.
    func get(_ details: @autoclosure () -> ErrorDetails) throws -> Int {
        guard let result else { throw details().error(self) }
        return result
    }
}
