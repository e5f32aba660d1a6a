extension BlockingResult<Result<FileTraits, AIOError>> {
    /// Returns the traits that the blocking thread found for the file it opened, or throws its error.
    func found(_ details: ErrorDetails) throws(AIOError) -> FileTraits {
        guard let value else { throw details.error(.other) }
        return try value.get()
    }
}
