import AIO
import AIOKernel
import Glibc

/// Runs the parts that the arguments name. Returns the exit code: 0, 1 for a failure, 2 where kernel AIO is not
/// available, 64 (EX_USAGE) for arguments that make no sense.
func lifecycle(arguments: [String], _ signals: SignalPipe) async -> Int32 {
    let parts: [(title: String, run: () async throws -> Void)] = [
        ("Set up, write, read back, destroy", setUpAndDestroy),
        ("Do contexts leave anything behind?", leakCheck),
        ("A manager of many contexts", manageContexts),
        ("Every error case", errorCases),
        // At a terminal, and run alone, it is a service that runs until a signal ends it.
        ("A service", { try await runService(signals, endsByItself: arguments.isEmpty || isatty(STDIN_FILENO) == 0) }),
    ]
    var chosen = Array(parts.indices)
    if let argument = arguments.first {
        guard arguments.count == 1, let number = Int(argument), parts.indices.contains(number - 1) else {
            say("usage: Lifecycle [1 … \(parts.count)]")
            return 64
        }
        chosen = [number - 1]
    }
    do {
        _ = try KernelFeatures.current()
    } catch {
        say("kernel AIO is not available here: \(error)")
        return 2
    }
    do {
        for index in chosen {
            if let signal = signals.arrived() {
                say("\nended by \(signal)")
                return 128 + signal.rawValue
            }
            say("\(index == chosen[0] ? "" : "\n")Part \(index + 1). \(parts[index].title)\n")
            try await parts[index].run()
        }
        return 0
    } catch {
        say("failed: \(error)")
        return 1
    }
}
