import AIOKernel
import SystemPackage
import TestSupport
import Testing

// #expect and #require copy the parts of an expression, and a context cannot be copied: tests compute values outside
// of the macros, or compare them there.
extension KernelContext {
    borrowing func put(_ table: borrowing ControlBlockTable, _ range: Range<Int>) throws(KernelError) -> Int {
        try unsafe submit(table, range)
    }

    /// Submits one control block and returns the result of its event: bytes, poll bits or -errno.
    borrowing func result(of block: ControlBlock) throws -> Int {
        var table = ControlBlockTable(count: 1)
        table[0] = block
        #expect(try put(table, 0..<1) == 1)
        return try nextEvent().result
    }

    /// Waits for the next event. The timeout is so long that only a lost event exceeds it.
    borrowing func nextEvent() throws -> CompletionEvent {
        try #require(try events(minimum: 1, maximum: 1, timeout: .seconds(30)).first)
    }

    /// Returns the errno with which io_submit refuses a control block, or nil when it accepts it.
    borrowing func refusal(of block: ControlBlock) throws -> Errno? {
        var table = ControlBlockTable(count: 1)
        table[0] = block
        do {
            _ = try put(table, 0..<1)
        } catch {
            #expect(error.call == .submit)
            return error.errno
        }
        _ = try nextEvent()
        return nil
    }

    /// Reaps all events in the ring, in user space.
    borrowing func reapAll() throws -> [CompletionEvent] {
        guard let ring else { return try events(minimum: 0, maximum: .max, timeout: .zero) }
        return [CompletionEvent](unsafeUninitializedCapacity: ring.capacity) { buffer, count in
            count = ring.reap(into: buffer)
        }
    }
}
