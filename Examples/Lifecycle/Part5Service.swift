import AIO
import Glibc
import SystemPackage

/// Part 5: a service that reads and writes until SIGINT or SIGTERM, reports its health, and ends in order: drains for
/// a while, cancels the rest, destroys the context.
///
/// - Parameter endsByItself: whether it sends itself SIGTERM after two seconds, for runs without a user who presses Ctrl-C.
func runService(_ signals: SignalPipe, endsByItself: Bool) async throws {
    var configuration = AIOContext.Configuration()
    configuration.name = "store"
    configuration.queueDepth = 64
    configuration.maximumPending = 1024
    let context = try AIOContext(configuration)
    let store = Store(try scratchFile(size: Store.size, on: context))
    let client = try FileDescriptor.pipe()
    defer {
        try? client.readEnd.close()
        try? client.writeEnd.close()
    }
    say("started", endsByItself ? "ends itself after two seconds" : "Ctrl-C ends it")

    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
            // On the context's own thread: no thread hop between a completion and the next operation.
            group.addTask(executorPreference: context.executor) { try await serve(store) }
        }
        group.addTask { try await waitForClient(client.readEnd, on: context) }
        group.addTask { await reportHealth(of: context, every: .milliseconds(500)) }
        if endsByItself {
            group.addTask {
                try await Task.sleep(for: .seconds(2))
                kill(getpid(), SIGTERM)
            }
        }
        let signal = try await signals.next(on: context)
        say("\(signal)", "no new work from here on")
        try await end(context, within: .milliseconds(300))
        // The health report performs no operation that would throw `shutDown`.
        group.cancelAll()
        try await group.waitForAll()
    }
    // Closing needs no context, only that the operations have completed, and they have.
    try await store.file.close()
    sayStatistics(context.statistics)
}

/// Serves a client until the context ends. No flag is needed: the next operation then throws `shutDown`.
private func serve(_ store: Store) async throws {
    do {
        while true { try await store.updateSomeBlock() }
    } catch let error as AIOError where error.code == .shutDown {
        return
    }
}

/// Waits for a client that sends nothing: the one operation that never completes during a drain.
private func waitForClient(_ descriptor: FileDescriptor, on context: AIOContext) async throws {
    do {
        _ = try await context.waitUntilReady(descriptor, for: .readable)
    } catch let error as AIOError where error.code == .shutDown {
        say("idle client", "its wait was cancelled: \(error.code)")
    }
}

/// Drains the context, then cancels what is left. Returns with the context destroyed in either case.
private func end(_ context: AIOContext, within timeout: Duration) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    do {
        try await context.shutdown(.drain(timeout: timeout))
        say("drained", "in \((clock.now - start).text)")
    } catch let error as AIOError where error.code == .timedOut {
        say("drain", "\(error.code) after \((clock.now - start).text), the rest is cancelled")
        try await context.shutdown(.cancel)
    }
    say("destroyed", "\((clock.now - start).text) after the signal; \(AIOProcess.liveContexts) contexts live")
}
