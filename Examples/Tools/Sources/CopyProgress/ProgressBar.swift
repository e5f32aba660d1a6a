/// One line that shows how far a copy has got. A value without a clock or a terminal: the code that draws it has both.
public struct ProgressBar: Sendable {
    private let total: Int64
    private let width: Int

    /// - Parameters:
    ///   - total: bytes in all.
    ///   - width: columns of the terminal; the line is never longer, and has no bar where there is no room for one.
    public init(total: Int64, width: Int) {
        self.total = max(0, total)
        self.width = max(0, width)
    }

    /// Returns the line after `seconds` with `done` bytes copied.
    public func line(done: Int64, seconds: Double) -> String {
        let done = min(max(0, done), total)
        let share = total == 0 ? 1 : Double(done) / Double(total)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        var figures =
            "\(pad("\(Int(share * 100))", 3)) %  \(Self.size(done)) of \(Self.size(total))  \(Self.size(rate))/s"
        if done < total, rate > 0 { figures += "  \(Self.time(Double(total - done) / rate)) left" }
        let room = width - figures.count - 3
        guard room >= 8 else { return String(figures.prefix(width)) }
        let length = min(room, 40)
        let filled = Int(share * Double(length))
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: length - filled) + "] "
            + figures
    }

    /// "1.5 GiB".
    public static func size(_ bytes: some BinaryInteger) -> String { size(Double(bytes)) }

    /// "1.5 GiB"; a number that is not finite counts as zero.
    public static func size(_ bytes: Double) -> String {
        var (value, unit) = (bytes.isFinite ? max(0, bytes) : 0, 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        // A value that would round to 1024 is 1 of the next unit.
        while value >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return unit == 0 ? "\(tenths / 10) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// "1:02:03", "2:03".
    static func time(_ seconds: Double) -> String {
        guard seconds < 360_000 else { return "days" }
        let whole = Int(seconds.rounded(.up))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = "\(whole / 60 % 60):\(two(whole % 60))"
        return whole < 3600 ? minutes : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }

    private func pad(_ text: String, _ length: Int) -> String {
        String(repeating: " ", count: max(0, length - text.count)) + text
    }
}
