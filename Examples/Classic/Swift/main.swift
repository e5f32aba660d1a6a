// The program of aio(7) for Swift: queues a read on each file that is named (/dev/stdin may be named more than
// once), looks at their status, is told of each end by a signal, cancels on SIGQUIT what can be cancelled, and
// prints what became of them.
import Glibc
import POSIXAIO
import SystemPackage

/// A line at a time, also into a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

let ended = SIGUSR1
// Both are waited for, not handled: blocked before the first thread starts.
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, ended)
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
            reading: file, at: 0, into: RequestBuffer(count: 20), notification: .signal(ended, value: number))
        try request.submit()
        say("\(path): opened, descriptor \(file.rawValue)")
        requests.append((path, request))
    } catch {
        say("\(path): \(error)")
        exit(1)
    }
}

repeat {
    // Every three seconds at the latest, as the manual page's program does it.
    var moment = timespec(tv_sec: 3, tv_nsec: 0)
    var information = siginfo_t()
    let signal = sigtimedwait(&signals, &information, &moment)
    if signal == ended { say("I/O completion signal") }
    if signal == SIGQUIT {
        say("SIGQUIT: cancelling")
        for (path, request) in requests where request.status == .inProgress {
            say("\(path): \(try request.cancel())")
        }
    }
    for (path, request) in requests { say("\(path): \(request.status)") }
} while requests.contains(where: { $0.request.status == .inProgress })

say("All I/O requests have ended")
for (path, request) in requests {
    do {
        let result = try request.result()
        say("\(path): \(result.count) bytes")
    } catch {
        say("\(path): \(error)")
    }
}
