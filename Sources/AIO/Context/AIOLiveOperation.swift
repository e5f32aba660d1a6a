internal import AIOEngine
internal import AIOKernel
internal import Glibc
public import SystemPackage

/// An operation that was pending or in flight when
/// ``AIOContext/oldestOperations(olderThan:maximum:includingReadiness:)`` was called.
public struct AIOLiveOperation: Sendable, Hashable {
    /// The kind of an operation.
    public enum Kind: String, Sendable, CaseIterable {
        /// A read.
        case read
        /// A write.
        case write
        /// A call of ``AIOFile/synchronize(_:)``.
        case synchronize
        /// A wait for readiness: long by nature.
        case readiness
        /// The opening of a file.
        case open
        /// A query of the size, a resize, a preallocation.
        case metadata
    }

    /// How far an operation has got.
    public enum Stage: String, Sendable {
        /// It is pending: it waits for a permit or for a blocking thread.
        case waiting
        /// It was submitted to the kernel.
        case inKernel
        /// A blocking thread is making the call.
        case onThread
    }

    /// The kind of the operation.
    public let kind: Kind
    /// How far the operation has got.
    public let stage: Stage
    /// Whether the operation's task was cancelled and no longer waits for it, while the kernel has not completed it.
    public let isAbandoned: Bool
    /// The path of the file, from /proc/self/fd, or the path that is being opened; nil if neither is known.
    public let path: FilePath?
    /// The operation's descriptor; nil for an opening.
    public let descriptor: FileDescriptor?
    /// The offset in the file, in bytes, of a read or a write.
    public let offset: Int64?
    /// How many bytes a read or a write is to transfer.
    public let count: Int?
    /// How long ago the operation was started.
    public let age: Duration
}

extension AIOLiveOperation: CustomStringConvertible {
    /// One line, as for a log: the kind, the file, the range, the stage and the age.
    public var description: String {
        var text = "\(kind.rawValue)"
        if let path { text += " of \(path)" } else if let descriptor { text += " of descriptor \(descriptor.rawValue)" }
        if let offset { text += " at offset \(offset)" }
        if let count { text += ", \(count) bytes" }
        text += ", \(stage.rawValue) for \(age)"
        return isAbandoned ? text + ", abandoned" : text
    }
}

extension AIOLiveOperation {
    /// The public form of the engine's description.
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

    /// Returns the name of a descriptor's file in /proc/self/fd: a path, or "pipe:[…]" and the like.
    private static func path(of descriptor: Int32) -> FilePath? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            let count = readlink("/proc/self/fd/\(descriptor)", buffer.baseAddress!, Int(PATH_MAX))
            guard count > 0 else { return nil }
            buffer[count] = 0
            return FilePath(platformString: UnsafePointer(buffer.baseAddress!))
        }
    }
}
