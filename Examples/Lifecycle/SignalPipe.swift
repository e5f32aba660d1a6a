import AIO
import Glibc
import SystemPackage

/// Signals as bytes in a pipe: the main thread waits for them in sigwait(3) and writes them into the pipe.
///
/// No signal handler is involved, so nothing has to be async-signal-safe. The pipe can be read in any way: here by a
/// context's readiness, as a socket would be.
struct SignalPipe: Sendable {
    struct Signal: Sendable, CustomStringConvertible {
        let rawValue: Int32
        static let interrupt = Signal(rawValue: SIGINT)
        static let terminate = Signal(rawValue: SIGTERM)
        var description: String {
            switch rawValue {
            case SIGINT: "SIGINT"
            case SIGTERM: "SIGTERM"
            default: "signal \(rawValue)"
            }
        }
    }

    private let reading: FileDescriptor
    private let writing: FileDescriptor
    private let signals: [Signal]

    /// Blocks the signals on this thread, and so on all threads that it starts.
    init(_ signals: [Signal]) throws {
        self.signals = signals
        var set = Self.set(signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        (reading, writing) = try FileDescriptor.pipe()
        _ = fcntl(reading.rawValue, F_SETFL, O_NONBLOCK)
    }

    /// Waits for signals and writes them into the pipe, for as long as the process lives.
    func forward() -> Never {
        var set = Self.set(signals)
        var signal: Int32 = 0
        while true {
            guard sigwait(&set, &signal) == 0 else { continue }
            _ = try? writing.writeAll([UInt8(truncatingIfNeeded: signal)])
        }
    }

    private static func set(_ signals: [Signal]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.rawValue) }
        return set
    }

    /// Returns a signal that has arrived already; nil if there is none.
    func arrived() -> Signal? {
        var byte: UInt8 = 0
        let count = withUnsafeMutableBytes(of: &byte) { try? reading.read(into: $0) }
        return count == 1 ? Signal(rawValue: Int32(byte)) : nil
    }

    /// Waits for the next signal: one poll in the context's ring, and no thread.
    func next(on context: AIOContext) async throws -> Signal {
        while true {
            if let signal = arrived() { return signal }
            _ = try await context.waitUntilReady(reading, for: .readable)
        }
    }
}
