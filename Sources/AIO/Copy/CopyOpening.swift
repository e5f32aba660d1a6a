internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import SystemPackage

/// Opens a copy's destination, on a blocking thread, and keeps what it found out.
struct CopyOpening: Sendable {
    private let path: FilePath
    private let details: ErrorDetails
    private let sourceDetails: ErrorDetails
    /// The identity of the file that was made; nil if it existed before.
    private(set) var made: caio_identity?
    /// Why source or destination cannot be copied.
    private(set) var refusal: AIOError?
    private var traits: Result<FileTraits, AIOError>?

    init(_ path: FilePath, _ details: ErrorDetails, source: ErrorDetails) {
        self.path = path
        self.details = details
        sourceDetails = source
    }

    static func traits(of opening: CopyOpening?, _ details: ErrorDetails) throws(AIOError) -> FileTraits {
        guard let traits = opening?.traits else { throw details.error(.other) }
        return try traits.get()
    }

    /// Makes the file, or opens and empties an existing one. Returns the descriptor or -errno.
    mutating func open(source: Int32) -> Int {
        let descriptor = openFile(source)
        if descriptor >= 0 {
            traits = Result { [details] () throws(AIOError) in try FileTraits(Int32(descriptor), details) }
        }
        return descriptor
    }

    private mutating func openFile(_ source: Int32) -> Int {
        var information = caio_file_info()
        let result = caio_file_information(source, &information)
        if result < 0 { return Int(result) }
        guard isRegular(information.mode, sourceDetails) else { return -Int(EINVAL) }
        let flags = O_WRONLY | O_NONBLOCK
        // Only the owner may read the file until it is complete and gets the source's mode.
        let descriptor = path.withPlatformString { caio_open($0, flags | O_CREAT | O_EXCL, 0o600) }
        var copy = caio_file_info()
        if descriptor >= 0, caio_file_information(descriptor, &copy) == 0 { made = copy.identity }
        return descriptor == -EEXIST ? openExisting(flags, source: information.identity) : Int(descriptor)
    }

    private mutating func openExisting(_ flags: Int32, source: caio_identity) -> Int {
        let descriptor = path.withPlatformString { caio_open($0, flags, 0) }
        guard descriptor >= 0 else {
            // ENXIO: a FIFO that nobody reads.
            return descriptor == -ENXIO ? refuseSpecial(details) : Int(descriptor)
        }
        let failure = empty(descriptor, source)
        guard failure < 0 else { return Int(descriptor) }
        _ = caio_close(descriptor)
        return failure
    }

    private mutating func empty(_ descriptor: Int32, _ source: caio_identity) -> Int {
        var information = caio_file_info()
        let result = caio_file_information(descriptor, &information)
        if result < 0 { return Int(result) }
        guard !caio_is_same(source, information.identity) else {
            return refuse(details.error(.invalidArgument, advice: "source and destination are the same file"))
        }
        guard isRegular(information.mode, details) else { return -Int(EINVAL) }
        return Int(caio_ftruncate(descriptor, 0))
    }

    private mutating func isRegular(_ mode: UInt32, _ details: ErrorDetails) -> Bool {
        switch mode & S_IFMT {
        case S_IFREG: return true
        case S_IFDIR: _ = refuse(details.error(.isDirectory, errno: .isDirectory, advice: "copy the files in it"))
        default: _ = refuseSpecial(details)
        }
        return false
    }

    private mutating func refuseSpecial(_ details: ErrorDetails) -> Int {
        refuse(details.error(.unsupported, advice: "only regular files are copied, and written over"))
    }

    private mutating func refuse(_ error: AIOError) -> Int {
        refusal = error
        return -Int(EINVAL)
    }
}
