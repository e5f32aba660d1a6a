internal import AIOEngine
internal import AIOKernel
internal import CAIOShims
internal import Synchronization
internal import SystemPackage

extension AIOFile {
    /// Checks an operation's range and announces the operation to the lease.
    ///
    /// If it returns, ``DescriptorLease/endUse()`` has to follow; after a throw it must not.
    func beginUse(_ details: @autoclosure () -> ErrorDetails, at offset: Int64 = 0, count: Int = 0) throws {
        try check(details(), at: offset, count: count)
        guard lease.beginUse() else { throw details().error(.closed, advice: "the file was closed; open it again") }
        // The engine refuses the operations that reach it; those that may complete before are refused here.
        if caching == .buffered || count == 0, let refusal = context.engine.refusal {
            lease.endUse()
            throw details().error(refusal)
        }
    }

    /// Throws for a range that no file can have, or that one operation cannot transfer.
    func check(_ details: @autoclosure () -> ErrorDetails, at offset: Int64, count: Int) throws {
        // One branch for the usual case. The comparison checks the sum without an overflow.
        guard offset < 0 || count < 0 || count > Self.maximumCount || offset > Int64.max - Int64(count) else { return }
        let advice =
            if offset < 0 {
                "the offset is negative"
            } else if count < 0 {
                "the count is negative"
            } else if count > Self.maximumCount {
                "one operation transfers at most \(Self.maximumCount) bytes; make several"
            } else {
                "offset and count add up to more than any file holds"
            }
        throw details().error(.invalidArgument, advice: advice)
    }

    private static var maximumCount: Int { Int(CAIO_MAXIMUM_COUNT) }

    /// The details of an error on this file.
    func details(_ operation: String, at offset: Int64? = nil, count: Int? = nil) -> ErrorDetails {
        ErrorDetails(operation, path: path, offset: offset, count: count)
    }

    /// Returns the route of a transfer that the page cache could not do inline.
    ///
    /// - Parameters:
    ///   - count: how many bytes to transfer.
    ///   - begun: whether a NOWAIT read was refused, after which the kernel has started to read.
    func route(count: Int, flags: ControlBlock.Flags, begun: Bool = false) -> Route {
        if flags.contains(.noWait) { return .kernel }
        guard caching == .direct else { return begun ? .pooledCall : .blockingCall }
        if isInMemory {
            // io_submit copies memory here. It does not wait, but a large copy takes long.
            return count <= Self.inlineLimit ? .kernel : .blockingSubmit
        }
        return lease.refusesNoWait.load(ordering: .relaxed) ? .blockingSubmit : .kernelUnlessBlocking
    }

    /// Performs a read or a write, with the context's retry policy.
    func perform(_ operation: Operation) async -> Outcome {
        await context.perform(operation, isRepeatable: isRepeatable(operation))
    }

    /// Whether the operation may be retried: performing it twice has the same effect as once, and EAGAIN is not
    /// the expected result of noWait.
    func isRepeatable(_ operation: Operation) -> Bool {
        guard operation.block.flags.isDisjoint(with: [.noWait, .append]) else { return false }
        return operation.kind == .read || !isAppending
    }

    /// The most bytes that are copied on a cooperative thread: more would occupy it for too long.
    static var inlineLimit: Int { 1 << 20 }

    var descriptor: FileDescriptor { FileDescriptor(rawValue: lease.descriptor) }
}
