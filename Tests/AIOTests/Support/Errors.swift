import AIO
import Testing

/// Returns the ``AIOError`` that `body` throws. Records an issue if it throws none, or one with another code.
@discardableResult
func expectError<R>(
    _ code: AIOError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> R
) async -> AIOError? {
    do {
        let result = try await body()
        Issue.record("no error but \(result)", sourceLocation: sourceLocation)
    } catch let error as AIOError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("\(error) is no AIOError", sourceLocation: sourceLocation)
    }
    return nil
}

/// Records an issue unless `body` throws `CancellationError`.
func expectCancelled<R: Sendable>(
    _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> R
) async {
    await #expect(throws: CancellationError.self, sourceLocation: location) { _ = try await body() }
}
