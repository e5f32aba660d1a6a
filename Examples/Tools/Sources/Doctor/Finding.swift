/// One line of the doctor's report.
public struct Finding: Sendable, Hashable {
    public enum Verdict: String, Sendable {
        case good = "ok"
        /// swift-aio works, though not as well as it could.
        case mediocre = "note"
        /// swift-aio cannot work here.
        case bad = "BAD"
    }

    public let subject: String
    public let verdict: Verdict
    public let found: String
    /// What to do about it; nil: nothing.
    public let advice: String?

    init(_ subject: String, _ verdict: Verdict, _ found: String, advice: String? = nil) {
        self.subject = subject
        self.verdict = verdict
        self.found = found
        self.advice = advice
    }

    /// The line, and one for the advice.
    public var text: String {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let line = pad(verdict.rawValue, 6) + pad(subject, 22) + found
        return advice.map { "\(line)\n      -> \($0)" } ?? line
    }
}
