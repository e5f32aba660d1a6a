internal import AIOEngine
internal import AIOKernel
internal import Glibc
public import SystemPackage

/// An operation that had not ended when it was looked for: ``AIOContext/oldestOperations(olderThan:maximum:includingReadiness:)``.
public struct AIOLiveOperation: Sendable, Hashable {
    /// What is being done.
    public enum Kind: String, Sendable, CaseIterable {
        /// A read.
        case read
        /// A write.
        case write
        /// An ``AIOFile/synchronize(_:)``.
        case synchronize
        /// A wait for readiness: long by nature.
        case readiness
        /// The opening of a file.
        case open
        /// A size asked for, a resize, a preallocation.
        case metadata
    }

    /// How far it has got.
    public enum Stage: String, Sendable {
        /// It waits for a place in the queue, or for a thread.
        case waiting
        /// The kernel has it.
        case inKernel
        /// A thread of the context is making the call.
        case onThread
    }

    /// What is being done.
    public let kind: Kind
    /// How far it has got.
    public let stage: Stage
    /// The task that asked for it was cancelled and has gone; the kernel has not answered yet.
    public let isAbandoned: Bool
    /// The file, by /proc/self/fd, or the path that it is to be opened by; nil where neither tells.
    public let path: FilePath?
    /// The descriptor it works on; nil for an opening.
    public let descriptor: FileDescriptor?
    /// Where in the file, in bytes, for reads and writes.
    public let offset: Int64?
    /// How many bytes were asked for, for reads and writes.
    public let count: Int?
    /// How long ago it was started.
    public let age: Duration
}

extension AIOLiveOperation: CustomStringConvertible {
    /// One line, as for a log: what, on which file, where, since when.
    public var description: String {
        var text = "\(kind.rawValue)"
        if let path { text += " of \(path)" } else if let descriptor { text += " of descriptor \(descriptor.rawValue)" }
        if let offset { text += " at offset \(offset)" }
        if let count { text += ", \(count) bytes" }
        text += ", \(stage.rawValue) for \(age)"
        return isAbandoned ? text + ", abandoned" : text
    }
}

extension AIOContext {
    /// Which operations have been under way for longest: to find out what is stuck, and on which file.
    ///
    /// Looks at the operations 256 at a time, so that it holds up none of them, and asks /proc/self/fd for the
    /// names (readlink(2), on the calling thread). What starts or ends meanwhile may be in the answer or not.
    ///
    /// - Parameters:
    ///   - age: only those that were started at least so long ago; 0 and below: all.
    ///   - maximum: how many at most, 0 and up.
    ///   - includingReadiness: whether waits for readiness are among them, which may be many and old with nothing
    ///     being wrong.
    /// - Returns: the oldest first; nothing in a forked child.
    public func oldestOperations(
        olderThan age: Duration = .zero, maximum: Int = 16, includingReadiness: Bool = true
    ) -> [AIOLiveOperation] {
        let found = engine.liveOperations(
            olderThan: UInt64(clamping: max(0, age.clampedNanoseconds)), maximum: max(0, maximum),
            includingPolls: includingReadiness)
        // Inside, the descriptors are kept open: their numbers cannot become another file's.
        return withExtendedLifetime(found) { found.operations.map(AIOLiveOperation.init) }
    }
}

extension AIOLiveOperation {
    init(_ operation: LiveOperation) {
        kind =
            switch operation.kind {
            case .read: .read
            case .write: .write
            case .synchronize: .synchronize
            case .poll: .readiness
            case .open: .open
            case .close, .metadata: .metadata
            }
        stage =
            switch operation.stage {
            case .waiting: .waiting
            case .inKernel: .inKernel
            case .onThread: .onThread
            }
        isAbandoned = operation.isAbandoned
        path = operation.path ?? operation.descriptor.flatMap(Self.path(of:))
        descriptor = operation.descriptor.map(FileDescriptor.init(rawValue:))
        offset = operation.offset
        count = operation.count
        age = .nanoseconds(operation.ageNanoseconds)
    }

    /// What /proc calls the file behind a descriptor: a path, or "pipe:[…]" and the like.
    private static func path(of descriptor: Int32) -> FilePath? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            let count = readlink("/proc/self/fd/\(descriptor)", buffer.baseAddress!, Int(PATH_MAX))
            guard count > 0 else { return nil }
            buffer[count] = 0
            return FilePath(platformString: UnsafePointer(buffer.baseAddress!))
        }
    }
}
