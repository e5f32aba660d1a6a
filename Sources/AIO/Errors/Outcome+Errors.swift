internal import AIOEngine

extension Outcome {
    /// Returns the result, or throws the error of the outcome.
    func get(_ details: @autoclosure () -> ErrorDetails) throws -> Int {
        guard let result else { throw details().error(self) }
        return result
    }
}
