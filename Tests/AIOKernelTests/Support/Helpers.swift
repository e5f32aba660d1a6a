import AIOKernel
import SystemPackage
import TestSupport
import Testing

// #expect and #require take an expression apart into copies, which a context has none of: values are computed
// outside, or compared.
extension KernelContext {
    borrowing func put(_ table: borrowing ControlBlockTable, _ range: Range<Int>) throws(KernelError) -> Int {
        try unsafe submit(table, range)
    }

    /// Submits one request and waits for what becomes of it: bytes, bits or -errno.
    borrowing func result(of block: ControlBlock) throws -> Int {
        var table = ControlBlockTable(count: 1)
        table[0] = block
        #expect(try put(table, 0..<1) == 1)
        return try nextEvent().result
    }

    /// The next completion, within a time that only a kernel which lost it exceeds.
    borrowing func nextEvent() throws -> CompletionEvent {
        try #require(try events(minimum: 1, maximum: 1, timeout: .seconds(30)).first)
    }

    /// Why the kernel refuses one request at the door; nil when it does not.
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

    /// Takes what is in the ring, in user space.
    borrowing func takeAll() throws -> [CompletionEvent] {
        guard let ring else { return try events(minimum: 0, maximum: .max, timeout: .zero) }
        return [CompletionEvent](unsafeUninitializedCapacity: ring.capacity) { buffer, count in
            count = ring.reap(into: buffer)
        }
    }
}

extension ControlBlockTable {
    init(_ blocks: [ControlBlock]) {
        self.init(count: blocks.count)
        for (index, block) in blocks.enumerated() { self[index] = block }
    }
}

/// A context that several threads can hold.
final class SharedContext: Sendable {
    let context: KernelContext
    init(capacity: Int) throws { context = try KernelContext(capacity: capacity) }
}

/// Its error, or nil when it throws none.
func kernelError(_ body: () throws(KernelError) -> Void) -> KernelError? {
    do { try body() } catch { return error }
    return nil
}

let readable: UInt32 = 1  // POLLIN
let writable: UInt32 = 4  // POLLOUT
