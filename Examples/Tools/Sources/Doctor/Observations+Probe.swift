public import AIO
internal import AIOKernel
internal import CDoctor
internal import Glibc
public import SystemPackage

extension Observations {
    /// Examines this machine. Makes a kernel context for a moment, and a file in `path` if that is a directory.
    ///
    /// - Parameter path: a directory or file whose file system is examined; nil: none.
    public static func ofThisMachine(_ path: FilePath?) async -> Observations {
        var found = Observations()
        found.kernelRelease = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) {
            doctor_kernel_release($0.baseAddress!)
            return String(cString: $0.baseAddress!)
        }
        found.seccomp = number("/proc/self/status", after: "Seccomp:")
        found.uringResult = doctor_io_uring_result()
        found.uringDisabled = number("/proc/sys/kernel/io_uring_disabled", after: "")
        found.events = (try? SystemLimits.current()).map { ($0.inUse, $0.maximum) }
        do {
            let features = try KernelFeatures.probe()
            found.setup = .works
            (found.ring, found.poll, found.synchronize) = (features.ring, features.poll, features.synchronize)
        } catch {
            found.setup = .refused(error.errno)
        }
        guard let path else { return found }
        do throws(Errno) {
            found.fileSystem = try await .at(path) { () throws(AIOError) in
                // The errno of io_setup has a line of its own already.
                guard found.setup == .works else { throw AIOError(.unsupported, operation: "io_setup") }
                // With its kernel context, or each operation would report what keeps that from being made.
                var configuration = AIOContext.Configuration()
                configuration.prepares = true
                return try AIOContext(configuration)
            }
        } catch {
            found.unreachablePath = (path, error)
        }
        return found
    }

    /// Returns the first number behind `key` in a file of /proc.
    private static func number(_ path: String, after key: String) -> Int? {
        guard let descriptor = try? FileDescriptor.open(path, .readOnly) else { return nil }
        defer { try? descriptor.close() }
        var text = [UInt8](repeating: 0, count: 8192)
        let count = text.withUnsafeMutableBytes { (try? descriptor.read(into: $0)) ?? 0 }
        let lines = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(key) }) else { return nil }
        return Int(line.dropFirst(key.count).filter { !$0.isWhitespace })
    }
}

extension Observations.FileSystem {
    /// Examines the file system of a path.
    ///
    /// - Parameter makeContext: makes the context that does the I/O.
    /// - Throws: why the path cannot be examined.
    public static func at(
        _ path: FilePath, _ makeContext: () throws(AIOError) -> AIOContext
    ) async throws(Errno) -> Self {
        var type: UInt64 = 0
        let failure = doctor_file_system(path.string, &type)
        guard failure == 0 else { throw Errno(rawValue: failure) }
        var found = Self(path: path, type: name(of: type))
        do throws(AIOError) {
            let context = try makeContext()
            await found.probe(on: context)
            try? await context.shutdown()
        } catch {
            found.setAll(.unknown("needs kernel AIO, and: \(error)"))
        }
        return found
    }

    private mutating func setAll(_ outcome: Observations.Outcome) {
        (direct, noWaitReads, noWaitWrites, synchronize) = (outcome, outcome, outcome, outcome)
    }

    private mutating func probe(on context: AIOContext) async {
        var status = stat()
        let failure = stat(path.string, &status) == 0 ? nil : Errno(rawValue: errno)
        switch (failure, status.st_mode & S_IFMT) {
        case (let failure?, _): return setAll(.unknown("\(failure)"))
        case (_, S_IFDIR): break
        case (_, S_IFREG), (_, S_IFBLK): return await probeFile(path, on: context, writes: false)
        // Opening a FIFO would wait for its other end, and a device may do anything.
        default: return setAll(.unknown("\(path) is no file of a disk; name a directory or a regular file"))
        }
        var template = Array(path.appending("aio-doctor-XXXXXX").string.utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            return setAll(.unknown("no file can be made in \(path): \(Errno(rawValue: errno))"))
        }
        close(descriptor)
        let file = FilePath(template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
        defer { unlink(file.string) }
        await probeFile(file, on: context, writes: true)
    }

    private mutating func probeFile(_ path: FilePath, on context: AIOContext, writes: Bool) async {
        let mode: FileDescriptor.AccessMode = writes ? .readWrite : .readOnly
        if writes {
            synchronize = await outcome {
                try await withAIOFile(path, mode, on: context) { file in
                    try await file.writeAll(AIOBuffer(count: 1 << 16), at: 0)
                    try await file.synchronize()
                }
            }
        } else {
            synchronize = .unknown("\(path) is not written to; name a directory")
        }
        let file: AIOFile
        do {
            file = try await AIOFile.open(path, mode, caching: .direct, on: context)
        } catch {
            direct = .refused((error as? AIOError)?.errno ?? .ioError)
            (noWaitReads, noWaitWrites) = (.unknown("needs O_DIRECT"), .unknown("needs O_DIRECT"))
            return
        }
        alignment = file.alignment
        direct = await outcome { _ = try await file.read(at: 0, count: 4096) }
        noWaitReads = await outcome { _ = try await file.read(at: 0, count: 4096, options: .noWait) }
        noWaitWrites =
            writes
            ? await outcome { _ = try await file.write(AIOBuffer(count: 1 << 16), at: 0, options: .noWait) }
            : .unknown("\(path) is not written to; name a directory")
        try? await file.close()
    }

    private func outcome(_ body: () async throws -> Void) async -> Observations.Outcome {
        do {
            try await body()
            return .works
        } catch {
            return .refused((error as? AIOError)?.errno ?? .ioError)
        }
    }

    private static func name(of type: UInt64) -> String {
        let names: [UInt64: String] = [
            0xef53: "ext4", 0x5846_5342: "xfs", 0x9123_683e: "btrfs", 0x0102_1994: "tmpfs", 0x8584_58f6: "ramfs",
            0x794c_7630: "overlayfs", 0x6969: "nfs", 0x6573_5546: "fuse", 0x2fc1_2fc1: "zfs", 0xf2f5_2010: "f2fs",
            0xff53_4d42: "cifs", 0xfe53_4d42: "smb2", 0x0102_1997: "9p", 0xca45_1a4e: "bcachefs",
            0x7371_7368: "squashfs", 0x9fa0: "proc", 0x6265_6572: "sysfs",
        ]
        return names[type] ?? "0x" + String(type, radix: 16)
    }
}
