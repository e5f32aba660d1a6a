internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The file that a copy goes to, and whether the copy made it.
struct CopyDestination {
    let file: AIOFile
    let path: FilePath
    /// Which file the copy made; nil when it was there before.
    let made: caio_identity?

    /// Makes the file, or takes and empties the one that is there.
    ///
    /// Not by ``AIOFile/open(_:_:options:permissions:caching:on:)``: a cancelled one of those leaves, and would
    /// leave the new file behind.
    static func open(_ path: FilePath, source: AIOFile) async throws -> CopyDestination {
        let subject = Subject("open", path: path)
        guard !path.isEmpty, path.withPlatformString({ strlen($0) }) == path.length else {
            throw subject.error(.invalidArgument, advice: "the path is empty, or has a NUL in it")
        }
        let opened = Opened()
        try source.begin(subject)
        defer { source.lease.end() }
        let descriptorOfSource = source.lease.descriptor
        let work = LaneWork { [source = source.path] in
            let descriptor = opened.open(path, descriptorOfSource, subject, of: Subject("copy", path: source))
            guard descriptor >= 0 else { return descriptor }
            opened.traits.store(Result { () throws(AIOError) in try FileTraits(Int32(descriptor), subject) })
            return descriptor
        }
        let outcome = await source.context.perform(work, kind: .open, policy: .report)
        if let refusal = opened.refusal.withLock({ $0 }) { throw refusal }
        let descriptor = Int32(try outcome.get(subject))
        let made = opened.made.withLock { $0 }
        do {
            let file = AIOFile(descriptor, ownsDescriptor: true, path: path, try opened.traits.take(), source.context)
            return CopyDestination(file: file, path: path, made: made)
        } catch {
            if let made { _ = path.withPlatformString { caio_unlink($0, made) } }
            _ = caio_close(descriptor)
            throw error
        }
    }

    /// Removes what the copy has made, and closes the file. A cancelled task waits for that too.
    ///
    /// The file may be closed already: network file systems tell only then of a write that failed. The name is
    /// looked at all the same; the number of a file that still has it is nobody else's.
    func remove() async {
        if let made {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                // Not the lane, which takes nothing from a cancelled task.
                Housekeeping.shared.run {
                    _ = path.withPlatformString { caio_unlink($0, made) }
                    continuation.resume()
                }
            }
        }
        try? await file.close()
    }

    /// What the lane thread does and finds out.
    private final class Opened: Sendable {
        let made = Mutex<caio_identity?>(nil)
        let refusal = Mutex<AIOError?>(nil)
        let traits = OpenedTraits()

        /// The descriptor or -errno.
        func open(_ path: FilePath, _ source: Int32, _ subject: Subject, of sourceSubject: Subject) -> Int {
            var information = caio_file_info()
            let result = caio_file_information(source, &information)
            if result < 0 { return Int(result) }
            guard isRegular(information.mode, sourceSubject) else { return -Int(EINVAL) }
            let flags = O_WRONLY | O_NONBLOCK
            // For the owner alone until it is whole and gets the source's mode.
            let made = path.withPlatformString { caio_open($0, flags | O_CREAT | O_EXCL, 0o600) }
            var copy = caio_file_info()
            if made >= 0, caio_file_information(made, &copy) == 0 { self.made.withLock { $0 = copy.identity } }
            guard made == -EEXIST else { return Int(made) }
            let descriptor = path.withPlatformString { caio_open($0, flags, 0) }
            guard descriptor >= 0 else {
                // A FIFO that nobody reads.
                return descriptor == -ENXIO ? refuseSpecial(subject) : Int(descriptor)
            }
            let failure = empty(descriptor, information.identity, subject)
            if failure < 0 {
                _ = caio_close(descriptor)
                return failure
            }
            return Int(descriptor)
        }

        private func empty(_ descriptor: Int32, _ source: caio_identity, _ subject: Subject) -> Int {
            var information = caio_file_info()
            let result = caio_file_information(descriptor, &information)
            if result < 0 { return Int(result) }
            guard !caio_is_same(source, information.identity) else {
                return refuse(subject.error(.invalidArgument, advice: "source and destination are the same file"))
            }
            guard isRegular(information.mode, subject) else { return -Int(EINVAL) }
            return Int(caio_ftruncate(descriptor, 0))
        }

        private func isRegular(_ mode: UInt32, _ subject: Subject) -> Bool {
            switch mode & S_IFMT {
            case S_IFREG: return true
            case S_IFDIR: _ = refuse(subject.error(.isDirectory, errno: .isDirectory, advice: "copy the files in it"))
            default: _ = refuseSpecial(subject)
            }
            return false
        }

        private func refuseSpecial(_ subject: Subject) -> Int {
            refuse(subject.error(.unsupported, advice: "only regular files are copied, and written over"))
        }

        private func refuse(_ error: AIOError) -> Int {
            refusal.withLock { $0 = error }
            return -Int(EINVAL)
        }
    }
}
