internal import CAIOShims
internal import Glibc
internal import SystemPackage

/// The properties of an open file that reads and writes depend on.
struct FileTraits {
    let caching: AIOFile.Caching
    let alignment: AIOFile.Alignment
    let isInMemory: Bool
    let isLocal: Bool
    let isAppending: Bool
    let closesWithoutWaiting: Bool

    /// Queries the descriptor, which may wait for a file server.
    ///
    /// - Parameters:
    ///   - flags: the flags of open(2) that the descriptor was opened with; nil to query them too.
    ///   - caching: as of ``AIOFile/init(_:closesOnDeinit:caching:on:)``.
    init(
        _ descriptor: Int32, flags: Int32? = nil, caching: AIOFile.Caching? = nil, _ details: ErrorDetails
    ) throws(AIOError) {
        func check(_ result: Int32) throws(AIOError) -> Int32 {
            guard result >= 0 else { throw details.error(Errno(rawValue: -result)) }
            return result
        }
        var information = caio_file_info()
        _ = try check(caio_file_information(descriptor, &information))
        let known = if let flags { flags } else { try check(caio_get_flags(descriptor)) }
        try self.init(descriptor, information, flags: known, caching: caching, details)
    }

    /// Makes the traits of a file whose fstat(2) is known. For later openings, it also records whether the file's
    /// device is local.
    init(
        _ descriptor: Int32, _ information: caio_file_info, flags: Int32, caching: AIOFile.Caching? = nil,
        _ details: ErrorDetails
    ) throws(AIOError) {
        let isDirect = flags & caio_o_direct != 0
        isAppending = flags & FileDescriptor.OpenOptions.append.rawValue != 0
        if let caching, (caching == .direct) != isDirect {
            guard caio_set_direct(descriptor, caching == .direct) >= 0 else { throw Self.noDirect(details) }
        }
        self.caching = caching ?? (isDirect ? .direct : .buffered)
        let fileSystem = caio_file_system(descriptor)
        isInMemory = caio_is_memory_file_system(fileSystem)
        isLocal = caio_is_local_file_system(fileSystem)
        let isRegular = information.mode & S_IFMT == S_IFREG
        if isRegular { caio_note_device(information.identity.device, isLocal) }
        closesWithoutWaiting = isLocal && isRegular && flags & O_ACCMODE == O_RDONLY
        if self.caching == .buffered || isInMemory {
            alignment = AIOFile.Alignment(memory: 1, offset: 1)
        } else {
            // A page suits every device that does not report its alignment.
            let found = caio_direct_alignment(descriptor)
            alignment = AIOFile.Alignment(
                memory: found.memory == 0 ? 4096 : Int(found.memory),
                offset: found.offset == 0 ? 4096 : Int(found.offset))
        }
    }

    static func noDirect(_ details: ErrorDetails) -> AIOError {
        details.error(
            .unsupported, errno: .invalidArgument,
            advice: "this file or file system has no direct I/O (O_DIRECT); use caching: .buffered")
    }
}
