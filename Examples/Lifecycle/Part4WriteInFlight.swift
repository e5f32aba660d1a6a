import AIO
import AIOKernel
import SystemPackage

private let length = 1 << 20

/// With a kernel context: a write cannot be cancelled, and io_destroy(2) waits for it.
func writeInFlight() throws {
    let descriptor = try scratchDescriptor(size: length)
    defer { try? descriptor.close() }
    let isDirect = descriptor.bypassPageCache()
    if !isDirect { say("note", "this file system has no O_DIRECT: the write is over when io_submit returns") }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 4096)
    defer { memory.deallocate() }
    var blocks = ControlBlockTable(count: 1)
    blocks[0] = .write(descriptor, from: UnsafeRawBufferPointer(memory), at: 0, data: 42)

    do {
        memory.initializeMemory(as: UInt8.self, repeating: 0xa1)
        let context = try KernelContext(capacity: 1)
        _ = try unsafe context.submit(blocks, 0..<1)
        let isInFlight = context.ring.map { $0.count == 0 } ?? false
        let isCancelled = try context.cancel(blocks, 0)
        say("io_cancel of it", "\(isCancelled ? "cancelled" : "refused") (\(isInFlight ? "in flight" : "done"))")
        if let event = try context.events(minimum: 1, maximum: 1).first {
            say("its event", "operation \(event.data), result \(event.result): written whole")
        }
        try context.destroy()
        say("the file", try holds(0xa1, descriptor, memory) ? "has the data" : "DOES NOT HAVE THE DATA")
    }

    do {
        memory.initializeMemory(as: UInt8.self, repeating: 0xb2)
        let context = try KernelContext(capacity: 1)
        _ = try unsafe context.submit(blocks, 0..<1)
        let isInFlight = context.ring.map { $0.count == 0 } ?? false
        let duration = try destroy(context)
        say("io_destroy with it", "took \(duration.text) (the write was \(isInFlight ? "in flight" : "done"))")
        say("its event", "is lost: the ring went with the context")
        say("the file", try holds(0xb2, descriptor, memory) ? "has the data" : "DOES NOT HAVE THE DATA")
    }
}

/// Returns whether every byte of the file is `byte`.
private func holds(
    _ byte: UInt8, _ descriptor: FileDescriptor, _ memory: UnsafeMutableRawBufferPointer
) throws -> Bool {
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    var done = 0
    while done < length {
        let count = try descriptor.read(
            fromAbsoluteOffset: Int64(done), into: UnsafeMutableRawBufferPointer(rebasing: memory[done...]))
        guard count > 0 else { return false }
        done += count
    }
    return memory.allSatisfy { $0 == byte }
}

/// The same with AIO: the task that writes gets the real result, also from a context that is being cancelled.
func shutDownDuringWrite() async throws {
    let descriptor = try scratchDescriptor(size: length)
    defer { try? descriptor.close() }
    let context = try AIOContext()
    let caching: AIOFile.Caching = descriptor.bypassPageCache() ? .direct : .buffered
    let file = try AIOFile(descriptor, closesOnDeinit: false, caching: caching, on: context)
    let data = AIOBuffer(copying: repeatElement(0xc3, count: length))
    let write = Task { try await file.write(data, at: 0) }
    while context.statistics.submitted + context.statistics.inline == 0 { await Task.yield() }
    try await context.shutdown(.cancel)
    let wasWritten = try await outcome(of: write)

    do {
        _ = try await file.write(data, at: 0)
    } catch let error as AIOError {
        say("a write after that", error.code.description)
    }
    try await context.shutdown()
    say("shutdown once more", "nothing to do")

    let hasData = try await withAIOContext { context in
        let file = try AIOFile(descriptor, closesOnDeinit: false, on: context)
        return try await file.readExactly(at: 0, count: length) == data
    }
    say("the file", "\(hasData ? "has" : "does not have") the data" + (hasData == wasWritten ? "" : ": A LIE"))
}

private func outcome(of write: Task<Int, any Error>) async throws -> Bool {
    do {
        say("shutdown(.cancel) with it", "the task's result: \(try await write.value) bytes written")
        return true
    } catch let error as AIOError where error.code == .shutDown {
        // The kernel would have blocked and refused the write (RWF_NOWAIT), and no blocking thread had begun it.
        say("shutdown(.cancel) with it", "the task's result: \(error.code), nothing was written")
        return false
    }
}
