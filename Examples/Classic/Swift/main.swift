// The example program of aio(7) in Swift. It queues a read on each file that is named (/dev/stdin may be named more
// than once) and prints their statuses whenever a signal reports a completion, and every three seconds. On SIGQUIT it
// cancels the reads that can be cancelled. At the end it prints the results.
import Glibc
import POSIXAIO
import SystemPackage

/// Prints a line and flushes it, so that it arrives at once in a pipe as well.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

let completed = SIGUSR1
// Both signals are waited for, not handled, so they are blocked before the first thread starts.
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, completed)
sigaddset(&signals, SIGQUIT)
pthread_sigmask(SIG_BLOCK, &signals, nil)

let paths = Array(CommandLine.arguments.dropFirst())
guard !paths.isEmpty else {
    say("usage: Classic FILE …")
    exit(64)
}
var requests: [(path: String, request: POSIXRequest)] = []
for (number, path) in paths.enumerated() {
    do {
        let file = try FileDescriptor.open(path, .readOnly)
        let request = POSIXRequest(
            reading: file, at: 0, into: RequestBuffer(count: 20), notification: .signal(completed, value: number))
        try request.submit()
        say("\(path): opened, descriptor \(file.rawValue)")
        requests.append((path, request))
    } catch {
        say("\(path): \(error)")
        exit(1)
    }
}

repeat {
    // Three seconds at most, as in the manual page's program.
    var moment = timespec(tv_sec: 3, tv_nsec: 0)
    var information = siginfo_t()
    let signal = sigtimedwait(&signals, &information, &moment)
    if signal == completed { say("I/O completion signal") }
    if signal == SIGQUIT {
        say("SIGQUIT: cancelling")
        for (path, request) in requests where request.status == .inProgress {
            say("\(path): \(try request.cancel())")
        }
    }
    for (path, request) in requests { say("\(path): \(request.status)") }
} while requests.contains(where: { $0.request.status == .inProgress })

say("All I/O requests completed")
for (path, request) in requests {
    do {
        let result = try request.result()
        say("\(path): \(result.count) bytes")
    } catch {
        say("\(path): \(error)")
    }
}
