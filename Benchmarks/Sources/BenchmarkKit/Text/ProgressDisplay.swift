import CSupport
import Foundation

/// Shows how far the benchmark is: a bar on a terminal, a line now and then elsewhere. On standard error, so that
/// standard output has the results alone.
package final class ProgressDisplay {
    private let total: Int
    private let terminal: Bool
    private let began = bench_now()
    private var done = 0
    private var phase = ""
    private var detail = ""
    private var lastDrawn: UInt64 = 0

    /// - Parameter total: How many runs there will be; `advance` counts them.
    package init(total: Int, terminal: Bool = bench_is_terminal(2)) {
        self.total = total
        self.terminal = terminal
    }

    package func begin(_ phase: String) {
        self.phase = phase
        self.detail = ""
        if terminal { draw() } else { line(phase) }
    }

    package func show(_ detail: String) {
        self.detail = detail
        if terminal { draw() }
    }

    package func advance(_ count: Int) {
        done += count
        if terminal { draw() } else if bench_now() - lastDrawn > 10_000_000_000 { line("\(phase) \(detail)") }
    }

    /// Shows the progress of a phase without runs, such as the creation of the file.
    package func part(_ phase: String, _ fraction: Double) {
        self.phase = phase
        self.detail = Format.percent(fraction)
        if terminal {
            draw()
        } else if bench_now() - lastDrawn > 2_000_000_000 || fraction >= 1 {
            line("\(phase) \(detail)")
        }
    }

    package func finish() {
        if terminal { write("\r\u{1b}[K") }
    }

    private func draw() {
        lastDrawn = bench_now()
        let elapsed = Double(lastDrawn - began) / 1e9
        let text = Self.bar(
            fraction: total > 0 ? Double(done) / Double(total) : 0,
            label: detail.isEmpty ? phase : "\(phase) · \(detail)",
            elapsed: elapsed, width: Int(bench_terminal_width(2)))
        write("\r\u{1b}[K" + text)
    }

    private func line(_ text: String) {
        lastDrawn = bench_now()
        let percent = total > 0 ? 100 * done / total : 0
        write("[\(String(repeating: " ", count: percent > 99 ? 0 : percent > 9 ? 1 : 2))\(percent) %] \(text)\n")
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// The bar's one line, never wider than the terminal.
    package static func bar(fraction: Double, label: String, elapsed: Double, width: Int) -> String {
        let clamped = min(1, max(0, fraction))
        let cells = 24
        let full = Int(clamped * Double(cells))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
        var text = "\(bar) \(Int(clamped * 100)) %"
        // An estimate from the first few percent would be a guess.
        if clamped > 0.03 { text += " \(duration(elapsed / clamped - elapsed)) left" }
        text += "  \(label)"
        return text.count > width - 1 ? text.prefix(max(0, width - 2)) + "…" : text
    }

    package static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole >= 60 ? "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)" : "\(whole) s"
    }
}
