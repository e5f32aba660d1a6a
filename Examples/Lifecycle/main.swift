// The life of a kernel AIO context, from io_setup to io_destroy, in five parts.
//
//     swift run Lifecycle            all of them
//     swift run Lifecycle 3          one
//
// docs/lifecycle.md walks through it.

import Glibc

// First of all: a thread inherits the signal mask of the one that starts it, and sigwait(3) gets only what
// every thread blocks. There is no `await` at the top level for the same reason. It would leave the main
// thread to the runtime, which lets it take every signal, whatever is blocked.
let signals = try SignalPipe([.interrupt, .terminate])
let arguments = Array(CommandLine.arguments.dropFirst())

Task.detached { [signals, arguments] in
    exit(await lifecycle(arguments: arguments, signals))
}
signals.forward()
