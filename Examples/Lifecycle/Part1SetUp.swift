import AIO
import AIOKernel
import SystemPackage

/// Part 1: the five calls, first each by itself and then under `async`.
func setUpAndDestroy() async throws {
    say("with AIOKernel, a call at a time:")
    try roundTripByHand()
    say("\nthe same with AIO:")
    try await roundTrip()
}

/// io_setup, io_submit, io_getevents, io_submit, io_getevents, io_destroy.
private func roundTripByHand() throws {
    let descriptor = try scratchDescriptor()
    defer { try? descriptor.close() }
    let text = "Written by io_submit, read back by io_submit.\n"
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 8)
    defer { memory.deallocate() }
    memory.copyBytes(from: text.utf8)

    let context = try KernelContext(capacity: 8)
    say("io_setup(8)", "context 0x\(String(context.identifier, radix: 16))")
    if let ring = context.ring { say("", "its ring has room for \(ring.capacity) events") }

    var blocks = ControlBlockTable(count: 1)
    blocks[0] = .write(descriptor, from: UnsafeRawBufferPointer(memory), at: 0, data: 1)
    let written = try submitAndWait(for: blocks, on: context)
    say("io_submit(PWRITE)", "event of operation \(written.data): \(written.result) bytes")

    memory.initializeMemory(as: UInt8.self, repeating: 0)
    blocks[0] = .read(descriptor, into: memory, at: 0, data: 2)
    let read = try submitAndWait(for: blocks, on: context)
    say("io_submit(PREAD)", "event of operation \(read.data): \(read.result) bytes")
    say("", memory.elementsEqual(text.utf8) ? "they are the bytes that were written" : "THEY DIFFER")

    let duration = try destroy(context)
    say("io_destroy", "took \(duration.text)")
    // From here on `context` cannot be used: it was consumed. Part 4 quotes the compiler's error.
}

/// Submits the table's one block and returns its completion.
func submitAndWait(
    for blocks: borrowing ControlBlockTable, on context: borrowing KernelContext
) throws -> CompletionEvent {
    // A single block is accepted, or this throws the reason.
    _ = try unsafe context.submit(blocks, 0..<1)
    while true {
        if let event = try context.events(minimum: 1, maximum: 1).first { return event }
    }
}

/// Destroys the context and returns how long that took.
func destroy(_ context: consuming KernelContext) throws -> Duration {
    let clock = ContinuousClock()
    let start = clock.now
    try context.destroy()
    return clock.now - start
}

/// Does the same as a program would do it: the context ends with the scope.
private func roundTrip() async throws {
    try await withAIOContext { context in
        let file = try AIOFile(try scratchDescriptor(), closesOnDeinit: true, on: context)
        let text = "Written and read back by a task that held no thread meanwhile.\n"
        let written = try await file.write(text.utf8, at: 0)
        say("write", "\(written) bytes")
        let bytes = try await file.read(at: 0, count: 4096)
        say("read", "\(bytes.count) bytes, " + (bytes.elementsEqual(text.utf8) ? "the same" : "OTHERS"))
        try await file.close()
    }
    say("after the scope", "\(AIOProcess.liveContexts) contexts live")
}
