public import CAIOShims
public import SystemPackage

/// One operation for the kernel: the 64 bytes of `struct iocb`.
///
/// A plain value; the kernel copies it at ``KernelContext/submit(_:_:)``. What it points to (a buffer, not
/// an iovec array, which is copied as well) has to stay where it is until the completion is in.
public struct ControlBlock: Sendable {
    /// The memory as the kernel reads it.
    public var raw: caio_iocb

    /// A zeroed block: a read of no bytes from descriptor 0.
    public init() { raw = caio_iocb() }

    /// The word that comes back in ``CompletionEvent/data``.
    public var data: UInt64 {
        get { raw.data }
        set { raw.data = newValue }
    }

    /// The flags of the operation (`RWF_*`).
    public var flags: Flags {
        get { Flags(rawValue: raw.rw_flags) }
        set { raw.rw_flags = newValue.rawValue }
    }

    /// `RWF_*` of preadv2(2); which of them work depends on the kernel and the file system.
    public struct Flags: OptionSet, Sendable {
        /// The kernel's bits, as they are in `aio_rw_flags`.
        public let rawValue: UInt32
        /// Flags of these bits, known here or not: the kernel refuses what it does not know with EOPNOTSUPP.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// `RWF_HIPRI`: polled I/O, for devices that do it (direct files only).
        public static let highPriority = Flags(rawValue: UInt32(CAIO_RWF_HIPRI))
        /// `RWF_DSYNC`: this write is on the medium, its data at least, when it completes.
        public static let dataSync = Flags(rawValue: UInt32(CAIO_RWF_DSYNC))
        /// `RWF_SYNC`: this write is on the medium, with all metadata, when it completes.
        public static let sync = Flags(rawValue: UInt32(CAIO_RWF_SYNC))
        /// `RWF_NOWAIT`: complete with EAGAIN instead of waiting inside io_submit(2).
        public static let noWait = Flags(rawValue: UInt32(CAIO_RWF_NOWAIT))
        /// `RWF_APPEND`: write at the end of the file, whatever the offset.
        public static let append = Flags(rawValue: UInt32(CAIO_RWF_APPEND))
        /// `RWF_NOAPPEND`: write at the offset although the file is open for appending. Linux 6.9.
        public static let noAppend = Flags(rawValue: UInt32(CAIO_RWF_NOAPPEND))
        /// `RWF_ATOMIC`: all of this write or none of it survives a crash. Linux 6.11, direct files only.
        public static let atomic = Flags(rawValue: UInt32(CAIO_RWF_ATOMIC))
        /// `RWF_DONTCACHE`: leave nothing in the page cache. Linux 6.14.
        public static let dontCache = Flags(rawValue: UInt32(CAIO_RWF_DONTCACHE))
    }
}

extension ControlBlock {
    /// `IOCB_CMD_PREAD`: pread(2) into `buffer`.
    public static func read(
        _ descriptor: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64,
        flags: Flags = [], data: UInt64 = 0
    ) -> ControlBlock {
        transfer(CAIO_CMD_PREAD, descriptor, address(buffer.baseAddress), buffer.count, offset, flags, data)
    }

    /// `IOCB_CMD_PWRITE`: pwrite(2) from `buffer`.
    public static func write(
        _ descriptor: FileDescriptor, from buffer: UnsafeRawBufferPointer, at offset: Int64,
        flags: Flags = [], data: UInt64 = 0
    ) -> ControlBlock {
        transfer(CAIO_CMD_PWRITE, descriptor, address(buffer.baseAddress), buffer.count, offset, flags, data)
    }

    /// `IOCB_CMD_PREADV`: preadv(2); at most 1,024 vectors, imported at submit.
    public static func readVectors(
        _ descriptor: FileDescriptor, into vectors: UnsafeBufferPointer<caio_iovec>, at offset: Int64,
        flags: Flags = [], data: UInt64 = 0
    ) -> ControlBlock {
        transfer(CAIO_CMD_PREADV, descriptor, address(vectors.baseAddress), vectors.count, offset, flags, data)
    }

    /// `IOCB_CMD_PWRITEV`: pwritev(2); at most 1,024 vectors, imported at submit.
    public static func writeVectors(
        _ descriptor: FileDescriptor, from vectors: UnsafeBufferPointer<caio_iovec>, at offset: Int64,
        flags: Flags = [], data: UInt64 = 0
    ) -> ControlBlock {
        transfer(CAIO_CMD_PWRITEV, descriptor, address(vectors.baseAddress), vectors.count, offset, flags, data)
    }

    /// `IOCB_CMD_FSYNC`, or `IOCB_CMD_FDSYNC` with `dataOnly`; Linux 4.18 and later. It does not wait for
    /// writes that are still in flight.
    public static func synchronize(_ descriptor: FileDescriptor, dataOnly: Bool, data: UInt64 = 0) -> ControlBlock {
        transfer(dataOnly ? CAIO_CMD_FDSYNC : CAIO_CMD_FSYNC, descriptor, 0, 0, 0, [], data)
    }

    /// `IOCB_CMD_POLL`: one-shot poll(2) for the `POLL*` bits in `events`; Linux 4.19 and later. The result
    /// is the bits that are true; a poll that was cancelled completes with 0.
    public static func poll(_ descriptor: FileDescriptor, for events: UInt32, data: UInt64 = 0) -> ControlBlock {
        transfer(CAIO_CMD_POLL, descriptor, UInt64(events), 0, 0, [], data)
    }

    private static func transfer<Command: BinaryInteger>(
        _ command: Command, _ descriptor: FileDescriptor, _ buffer: UInt64, _ count: Int, _ offset: Int64,
        _ flags: Flags, _ data: UInt64
    ) -> ControlBlock {
        var block = ControlBlock()
        block.raw.data = data
        block.raw.rw_flags = flags.rawValue
        block.raw.opcode = UInt16(truncatingIfNeeded: command)
        // A negative descriptor goes through as it is: the kernel refuses it with EBADF.
        block.raw.descriptor = UInt32(bitPattern: descriptor.rawValue)
        block.raw.buffer = buffer
        block.raw.count = UInt64(count)
        block.raw.offset = offset
        return block
    }

    private static func address(_ pointer: UnsafeRawPointer?) -> UInt64 { UInt64(UInt(bitPattern: pointer)) }
}
