import Glibc
import Synchronization

/// Makes a failure of the scenario out of a trap in it (an assertion, arithmetic overflow, a wild pointer): the thread that
/// trapped never returns from the signal's handler, so that the scenario can be shrunk like any other that fails.
enum TrapHandler {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        for signal in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { TrapHandler.handle($0) }
            sigaction(signal, &action, nil)
        }
        return key
    }()

    private static let signals = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS]

    /// Lets traps through on the calling thread, which blocks every signal from its start: a blocked one would end the process.
    static func unblock() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Notes which scenario the calling thread belongs to.
    static func enter(_ scheduler: Scheduler) {
        pthread_setspecific(key, Unmanaged.passUnretained(scheduler).toOpaque())
    }

    private static func handle(_ signal: Int32) {
        guard let scheduler = pthread_getspecific(key) else {
            // Not a simulated thread: the default action, once the instruction is repeated.
            Glibc.signal(signal, SIG_DFL)
            return
        }
        Unmanaged<Scheduler>.fromOpaque(scheduler).takeUnretainedValue().fail("a trap (signal \(signal))")
    }
}
