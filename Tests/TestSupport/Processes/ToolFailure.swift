/// An error that a program of the system reported.
public struct ToolFailure: Error, CustomStringConvertible {
    public let tool: String
    public let text: String
    public var description: String { "\(tool): \(text)" }
}
