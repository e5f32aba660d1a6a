import CopyProgress
import Glibc
import Synchronization

/// Draws the bar on standard error, over the last one, and no more often than it can be read.
final class ProgressDisplay: Sendable {
    private let isShown: Bool
    private let start = ContinuousClock.now
    private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter isShown: nil: where standard error is a terminal.
    init(isShown: Bool?) { self.isShown = isShown ?? (isatty(2) == 1) }

    /// Draws the bar if the last drawing was long enough ago. Called on any thread.
    func update(done: Int64, total: Int64) {
        guard isShown else { return }
        lastDrawn.withLock { last in
            let now = ContinuousClock.now
            if done < total, let last, now - last < .milliseconds(50) { return }
            last = now
            let bar = ProgressBar(total: total, width: Self.columns)
            put("\r\u{1b}[K" + bar.line(done: done, seconds: (now - start) / .seconds(1)))
        }
    }

    /// Leaves the last line where it is.
    func end() {
        lastDrawn.withLock { last in
            if isShown, last != nil { put("\n") }
        }
    }

    private static var columns: Int {
        var size = winsize()
        return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    private func put(_ text: String) { _ = text.withCString { write(2, $0, strlen($0)) } }
}
