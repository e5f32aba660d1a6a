public import CAIOShims

/// A mutual exclusion lock that protects a value, like `Mutex` of the Synchronization module, and that also works
/// in a child made by fork(2).
///
/// `Mutex` writes the ID of the locking thread into its futex, and caches that ID per thread. The thread that calls
/// fork(2) has another ID in the child, where the cache still holds the parent's: the kernel finds no owner of that ID,
/// and the first contended lock ends the program. This lock is one word and a futex (futex(2), lock.h). The word
/// records whether the lock is held, and not by which thread.
///
/// The lock is not recursive, and not fair: a thread that arrives while others sleep may take it before them.
public struct ForkSafeMutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Unchecked Sendable: the value is accessed only with the lock held. The word and the value are in memory that
    // does not move, as futex(2) identifies the lock by the address of its word.
    @usableFromInline let word: UnsafeMutablePointer<UInt32>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// Creates an unlocked mutex around `initial`.
    public init(_ initial: consuming sending Value) {
        // One allocation for both, which begins with the word.
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

    /// Takes the lock, calls `body` with the value, and releases the lock again. Waits while another thread holds the
    /// lock: first in a short spin, then in futex(2).
    ///
    /// Returns what `body` returns, and throws what `body` throws, with the lock released in both cases.
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
