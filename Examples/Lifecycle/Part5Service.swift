import AIO
import Glibc
import SystemPackage

/// Part 5: a service that reads and writes until SIGINT or SIGTERM, tells how it is, and ends in order:
/// drain for a while, cancel the rest, destroy.
///
/// - Parameter endsByItself: sends itself SIGTERM after two seconds, for when nobody is there to press Ctrl-C.
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
            // On the context's own thread: from the completion to the next request without a thread hop.
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
        // The health report has no operation that would tell it.
        group.cancelAll()
        try await group.waitForAll()
    }
    // Closing needs no context, only that the operations are over: they are.
    try await store.file.close()
    sayStatistics(context.statistics)
}

/// A client that is served until the context ends: no flag tells it, the next operation does.
private func serve(_ store: Store) async throws {
    do {
        while true { try await store.updateSomeBlock() }
    } catch let error as AIOError where error.code == .shutDown {
        return
    }
}

/// Waits for a client that says nothing: the one operation that a drain cannot wait out.
private func waitForClient(_ descriptor: FileDescriptor, on context: AIOContext) async throws {
    do {
        _ = try await context.waitUntilReady(descriptor, for: .readable)
    } catch let error as AIOError where error.code == .shutDown {
        say("idle client", "its wait was cancelled: \(error.code)")
    }
}

/// Drains, then cancels what is left, and in any case returns with the context destroyed.
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
