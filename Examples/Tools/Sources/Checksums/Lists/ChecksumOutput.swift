/// Receives the lines: standard output and error, or a test.
public protocol ChecksumOutput: AnyObject {
    /// Writes bytes to standard output, as they are.
    func write(_ bytes: [UInt8])
    /// Writes a message to standard error; adds the program's name and a line end.
    func complain(_ text: String)
}
