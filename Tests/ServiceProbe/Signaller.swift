#if Services
    import Glibc
    import ServiceLifecycle

    /// Ends the program with a signal, as an operator would, once `ready` returns true.
    struct Signaller: Service {
        let signal: Int32
        let ready: @Sendable () -> Bool

        func run() async throws {
            while !ready() { try await Task.sleep(for: .milliseconds(1)) }
            print("signalled")
            kill(getpid(), signal)
            try await gracefulShutdown()
        }
    }
#endif
