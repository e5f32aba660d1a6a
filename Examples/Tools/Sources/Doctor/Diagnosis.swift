internal import AIO
internal import SystemPackage

extension Observations {
    /// What the observations mean, and what to do about it.
    public var findings: [Finding] {
        [kernel, sandbox, setUp, backend].compactMap { $0 } + features + [budget, uring] + (fileSystem?.findings ?? [])
            + [unreachable].compactMap { $0 }
    }

    private var unreachable: Finding? {
        unreachablePath.map {
            Finding(
                "file system", .bad, "\($0.path): \($0.errno)", advice: "name a directory or file that can be reached")
        }
    }

    private var kernel: Finding { Finding("kernel", .good, kernelRelease.isEmpty ? "unknown" : kernelRelease) }

    private var sandbox: Finding {
        switch seccomp {
        case 0: Finding("sandbox", .good, "no seccomp filter")
        case nil: Finding("sandbox", .mediocre, "unknown: /proc/self/status has no seccomp mode", advice: "mount /proc")
        case let mode?: Finding("sandbox", .good, "seccomp mode \(mode): system calls are filtered")
        }
    }

    private var setUp: Finding {
        let subject = "io_setup"
        switch setup {
        case .works: return Finding(subject, .good, "allowed")
        case .unknown(let why): return Finding(subject, .mediocre, why)
        case .refused(.resourceTemporarilyUnavailable):
            return Finding(
                subject, .bad, "EAGAIN: the host's AIO events are used up",
                advice: "raise the limit on the host: sysctl -w fs.aio-max-nr=1048576")
        case .refused(.noFunction):
            return Finding(
                subject, .bad, "ENOSYS: no kernel AIO",
                advice: "the kernel was built without CONFIG_AIO, or the sandbox (gVisor and some seccomp profiles) "
                    + "hides it; allow io_setup, io_submit, io_getevents, io_cancel, io_destroy")
        case .refused(.notPermitted), .refused(.permissionDenied):
            return Finding(
                subject, .bad, "forbidden by the sandbox",
                advice: "allow io_setup, io_submit, io_getevents, io_cancel and io_destroy in the seccomp profile; "
                    + "the default ones of Docker and containerd do")
        case .refused(let errno): return Finding(subject, .bad, "\(errno)", advice: "see io_setup(2)")
        }
    }

    /// What contexts do where the kernel refuses; nil where it does not.
    private var backend: Finding? {
        guard case .refused = setup else { return nil }
        return Finding(
            "backend", .mediocre, "blocking threads",
            advice: "AIOContext.shared uses threads here, and so does a context with fallback = .threads; any other "
                + "throws")
    }

    private var features: [Finding] {
        guard setup == .works else { return [] }
        return [
            ring
                ? Finding("completion ring", .good, "readable in user space")
                : Finding(
                    "completion ring", .mediocre, "not readable",
                    advice: "each check for completions takes a system call; only another kernel changes that"),
            poll
                ? Finding("IOCB_CMD_POLL", .good, "works")
                : Finding("IOCB_CMD_POLL", .bad, "refused", advice: "AIOContext needs it: Linux 4.19 or later"),
            synchronize
                ? Finding("IOCB_CMD_FSYNC", .good, "works")
                : Finding("IOCB_CMD_FSYNC", .bad, "refused", advice: "synchronize() needs it: Linux 4.18 or later"),
        ]
    }

    private var budget: Finding {
        guard let events else {
            return Finding(
                "AIO events of the host", .mediocre, "/proc/sys/fs/aio-nr cannot be read", advice: "mount /proc")
        }
        let found = "\(events.inUse) of \(events.maximum) in use"
        let left = max(0, events.maximum - events.inUse)
        let raise = "raise it on the host: sysctl -w fs.aio-max-nr=1048576 (containers share the host's)"
        if left < 257 {
            return Finding(
                "AIO events of the host", .bad, found,
                advice:
                    "a default context takes 257, \(left) are left; AIOContext.shared makes do with 33, or else with "
                    + "threads; \(raise)"
            )
        }
        let isScarce = left < events.maximum / 10
        return Finding(
            "AIO events of the host", isScarce ? .mediocre : .good, found,
            advice: isScarce ? "room for \(left / 257) default contexts; \(raise)" : nil)
    }

    private var uring: Finding {
        let isDisabled = uringDisabled.map { $0 > 0 ? ", kernel.io_uring_disabled = \($0)" : "" } ?? ""
        switch Errno(rawValue: -uringResult) {
        case .badAddress, .invalidArgument:
            return Finding(
                "io_uring", .good, "allowed",
                advice:
                    "buffered I/O that misses the page cache is asynchronous there; swift-aio uses blocking threads"
            )
        case .noFunction: return Finding("io_uring", .good, "ENOSYS: not in this kernel, or hidden\(isDisabled)")
        case .notPermitted, .permissionDenied:
            return Finding("io_uring", .good, "forbidden by sandbox or sysctl\(isDisabled); swift-aio does not need it")
        default: return Finding("io_uring", .mediocre, "unclear: \(Errno(rawValue: -uringResult))")
        }
    }
}

extension Observations.FileSystem {
    var findings: [Finding] {
        [Finding("file system", .good, "\(type) at \(path)"), directFinding] + noWaitFindings + [synchronizeFinding]
    }

    private var directFinding: Finding {
        switch direct {
        case .works:
            Finding(
                "O_DIRECT", .good,
                "works: memory at \(alignment.memory), offsets and counts at \(alignment.offset) bytes")
        case .unknown(let why): Finding("O_DIRECT", .mediocre, "not known: \(why)")
        case .refused(let errno):
            Finding(
                "O_DIRECT", .mediocre, "refused: \(errno)",
                advice: "open with caching: .buffered, which runs on blocking threads where it misses the page cache; "
                    + "or keep the files on ext4, xfs or a block device")
        }
    }

    private var noWaitFindings: [Finding] {
        [("NOWAIT reads", noWaitReads), ("NOWAIT overwrites", noWaitWrites)].map { subject, outcome in
            switch outcome {
            case .works: Finding(subject, .good, "work: submitted without blocking")
            case .refused(.resourceTemporarilyUnavailable):
                Finding(
                    subject, .good,
                    "supported; this one would have blocked, and such operations run on blocking threads")
            case .refused(let errno):
                Finding(
                    subject, .mediocre, "refused: \(errno)",
                    advice:
                        "a blocking thread submits each: raise blockingThreads to the number that should be in flight, "
                        + "or use another file system")
            case .unknown(let why): Finding(subject, .mediocre, "not known: \(why)")
            }
        }
    }

    private var synchronizeFinding: Finding {
        switch synchronize {
        case .works: Finding("synchronize", .good, "works")
        case .refused(let errno):
            Finding(
                "synchronize", .bad, "refused: \(errno)", advice: "nothing written here is safe from a power failure")
        case .unknown(let why): Finding("synchronize", .mediocre, "not known: \(why)")
        }
    }
}
