public import CAIOShims

/// A value and the lock around it, a word and a futex, as `Mutex` of the Synchronization module, which is no
/// good in a forked child: that one writes the thread's number into the lock, and remembers the number of the
/// thread that forked. In the child the kernel then finds no owner, and the first contended lock ends the program.
///
/// It is not recursive, and hands on to nobody: whoever comes first has it.
public struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Sendable by hand: the value is reached under the lock alone. Both at an address that stays, for the futex.
    @usableFromInline let word: UnsafeMutablePointer<UInt32>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    public init(_ initial: consuming sending Value) {
        // One allocation, the word first.
        let alignment = max(MemoryLayout<Value>.alignment, MemoryLayout<UInt32>.alignment)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: Self.valueOffset + MemoryLayout<Value>.size, alignment: alignment)
        word = memory.initializeMemory(as: UInt32.self, to: 0)
        value = (memory + Self.valueOffset).bindMemory(to: Value.self, capacity: 1)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        UnsafeMutableRawPointer(word).deallocate()
    }

    /// What `body` makes of the value, with nobody else at it. What it throws is thrown on, with the lock free.
    @inlinable
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        caio_lock(word)
        defer { caio_unlock(word) }
        return try body(&value.pointee)
    }

    private static var valueOffset: Int { max(MemoryLayout<Value>.alignment, MemoryLayout<UInt32>.size) }
}
