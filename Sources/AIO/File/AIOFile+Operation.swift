internal import AIOEngine
internal import AIOKernel
internal import CAIOShims
internal import Synchronization
internal import SystemPackage

extension AIOFile {
    /// Lets an operation begin, if its place in the file makes sense.
    ///
    /// After this ``DescriptorLease/endUse()`` has to follow; after a throw it must not.
    func beginUse(_ details: @autoclosure () -> ErrorDetails, at offset: Int64 = 0, count: Int = 0) throws {
        try check(details(), at: offset, count: count)
        guard lease.beginUse() else { throw details().error(.closed, advice: "the file was closed; open it again") }
        // Whatever reaches the engine is refused there; what may be over before that is refused here.
        if caching == .buffered || count == 0, let refusal = context.engine.refusal {
            lease.endUse()
            throw details().error(refusal)
        }
    }

    /// Whether a file could have such a range, and one operation transfer it.
    func check(_ details: @autoclosure () -> ErrorDetails, at offset: Int64, count: Int) throws {
        // All of the usual cases in one branch: the sum is checked without overflow.
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

    /// What an error on this file is told with.
    func details(_ operation: String, at offset: Int64? = nil, count: Int? = nil) -> ErrorDetails {
        ErrorDetails(operation, path: path, offset: offset, count: count)
    }

    /// Which way a transfer of `count` bytes goes to the kernel, once the page cache was asked.
    ///
    /// - Parameter begun: a read without waiting was refused, which had the kernel begin it.
    func route(count: Int, flags: ControlBlock.Flags, begun: Bool = false) -> Route {
        if flags.contains(.noWait) { return .kernel }
        guard caching == .direct else { return begun ? .pooledCall : .blockingCall }
        if isInMemory {
            // A copy of memory inside io_submit: nothing to wait for, unless there is a lot of it.
            return count <= Self.inlineLimit ? .kernel : .blockingSubmit
        }
        return lease.refusesNoWait.load(ordering: .relaxed) ? .blockingSubmit : .kernelUnlessBlocking
    }

    /// Performs a read or a write, and again as the context's retry policy says.
    func perform(_ operation: Operation) async -> Outcome {
        await context.perform(operation, isRepeatable: isRepeatable(operation))
    }

    /// Whether the operation may be performed twice: twice is the same as once, and EAGAIN is not what was asked for.
    func isRepeatable(_ operation: Operation) -> Bool {
        guard operation.block.flags.isDisjoint(with: [.noWait, .append]) else { return false }
        return operation.kind == .read || !isAppending
    }

    /// More bytes than this are not copied on a cooperative thread: it would be away for too long.
    static var inlineLimit: Int { 1 << 20 }

    var descriptor: FileDescriptor { FileDescriptor(rawValue: lease.descriptor) }
}
