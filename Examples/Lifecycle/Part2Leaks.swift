import AIO
import SystemPackage

/// Part 2: many contexts come and go, half of them shut down and half of them just dropped.
func leakCheck() async throws {
    let rounds = 5
    let (count, depth) = try budget()
    let descriptor = try scratchDescriptor(size: count * blockSize)
    defer { try? descriptor.close() }

    // The first context allocates what stays for good: code pages, the threads of the cooperative pool, buffers.
    try await useContexts(2, depth: depth, descriptor) {}
    await waitForCleanUp(to: nil)

    var rows = [["", "resident KiB", "descriptors", "threads", "contexts", "fs.aio-nr"]]
    let before = try ProcessFigures.now()
    rows.append(before.row("before"))
    let clock = ContinuousClock()
    var busy = Duration.zero
    for round in 1...rounds {
        let start = clock.now
        try await useContexts(count, depth: depth, descriptor) {
            if round == 1 || round == rounds {
                rows.append(try ProcessFigures.now().row("\(count) live, round \(round)"))
            }
        }
        busy += clock.now - start
        if round == 1 || round == rounds {
            await waitForCleanUp(to: before)
            rows.append(try ProcessFigures.now().row("gone, after round \(round)"))
        }
    }
    sayTable(rows)
    let after = try ProcessFigures.now()
    say("\n  \(count * rounds) contexts in \(busy.text), a write and a read on each.")
    say(
        "  descriptors \(before.descriptors) -> \(after.descriptors), threads \(before.threads) -> \(after.threads), "
            + "contexts \(before.contexts) -> \(after.contexts)")
    say("  fs.aio-nr counts every process of this host, its containers included.")
}

private let blockSize = 4096

/// Returns how many contexts of what depth take no more than half of what the host has left.
private func budget() throws -> (count: Int, depth: Int) {
    let available = try AIOProcess.SystemLimits.current().available
    let depth = 32
    // A context takes one event more than its depth: its own wake-up is an operation as well.
    return (max(2, min(100, available / 2 / (depth + 1))), depth)
}

/// Makes `count` contexts, writes and reads on each, calls `look`, and ends them.
private func useContexts(
    _ count: Int, depth: Int, _ descriptor: FileDescriptor, whileAlive look: () throws -> Void
) async throws {
    var configuration = AIOContext.Configuration()
    configuration.queueDepth = depth
    // Buffered I/O would never need the kernel context, whose leaks this part looks for.
    configuration.prepares = true
    var contexts: [AIOContext] = []
    for index in 0..<count {
        let context = try AIOContext(configuration)
        contexts.append(context)
        let file = try AIOFile(descriptor, closesOnDeinit: false, on: context)
        try await file.writeAll(
            AIOBuffer(copying: repeatElement(UInt8(truncatingIfNeeded: index), count: blockSize)),
            at: Int64(index * blockSize))
        let bytes = try await file.readExactly(at: Int64(index * blockSize), count: blockSize)
        guard bytes.allSatisfy({ $0 == UInt8(truncatingIfNeeded: index) }) else {
            throw AIOError(.inputOutput, operation: "reading back", advice: "other bytes than were written")
        }
    }
    try look()
    // Half of them are shut down, together; the other half end because the last reference is dropped.
    try await withThrowingTaskGroup(of: Void.self) { group in
        for context in contexts[..<(count / 2)] { group.addTask { try await context.shutdown() } }
        contexts = []
        try await group.waitForAll()
    }
}

/// Waits for what ends in the background: dropped contexts, and idle housekeeping threads, which stay for a second.
private func waitForCleanUp(to figures: ProcessFigures?) async {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(5)
    while clock.now < deadline {
        if AIOProcess.liveContexts == 0 {
            guard let figures else { break }
            if let now = try? ProcessFigures.now(), now.threads <= figures.threads { return }
        }
        try? await Task.sleep(for: .milliseconds(20))
    }
    if figures == nil { try? await Task.sleep(for: .milliseconds(1500)) }
}

extension ProcessFigures {
    fileprivate func row(_ name: String) -> [String] {
        [name] + [residentKiB, descriptors, threads, contexts, events].map(String.init)
    }
}
