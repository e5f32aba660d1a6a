import CAIOShims
import Glibc
import SystemPackage
import TestSupport
import Testing

/// System calls outside libaio: their results are counts or -errno.
@Suite struct ShimTests {
    private func vector(_ memory: AlignedMemory) -> caio_iovec {
        caio_iovec(iov_base: memory.bytes.baseAddress, iov_len: memory.bytes.count)
    }

    @Test func vectorsAreReadAndWrittenAtTheirOffset() throws {
        let file = try PatternFile(size: 8192)
        let open = try file.open(.readWrite)
        let other = BytePattern(seed: 44)
        let memory = AlignedMemory(other, at: 100, count: 50)
        var out = vector(memory)
        #expect(caio_pwritev2(open.descriptor.rawValue, &out, 1, 100, 0) == 50)
        let check = AlignedMemory(count: 150)
        var into = vector(check)
        #expect(caio_preadv2(open.descriptor.rawValue, &into, 1, 0, 0) == 150)
        #expect(file.pattern.matches(check.bytes.prefix(100), at: 0))
        #expect(other.matches(check.bytes.dropFirst(100), at: 100))
        #expect(caio_preadv2(-1, &into, 1, 0, 0) == -Int(EBADF))
        #expect(caio_preadv2(open.descriptor.rawValue, &into, 1, -5, 0) == -Int(EINVAL))
    }

    @Test func sizeIsChangedAndSpaceAllocated() throws {
        let open = try PatternFile(size: 100).open(.readWrite)
        let descriptor = open.descriptor.rawValue
        #expect(caio_ftruncate(descriptor, 5000) == 0)
        #expect(try open.size() == 5000)
        #expect(caio_fallocate(descriptor, Int32(CAIO_FALLOC_KEEP_SIZE), 0, 10_000) == 0)
        #expect(try open.size() == 5000)
        #expect(caio_fallocate(descriptor, 0, 0, 10_000) == 0)
        #expect(try open.size() == 10_000)
        #expect(caio_ftruncate(descriptor, -1) == -EINVAL)
        #expect(caio_fallocate(descriptor, 0, 0, 0) == -EINVAL)
        #expect(caio_fsync(descriptor, true) == 0)
        #expect(caio_fsync(descriptor, false) == 0)
        #expect(caio_fsync(-1, false) == -EBADF)
    }

    @Test func descriptorIsClosedOnExecAndDirectOnDemand() throws {
        let file = try PatternFile(size: 100)
        let open = try file.open()
        let descriptor = open.descriptor.rawValue
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(caio_get_flags(descriptor) & caio_o_direct == 0)
        #expect(caio_set_direct(descriptor, true) == 0)
        #expect(caio_get_flags(descriptor) & caio_o_direct != 0)
        #expect(caio_set_direct(descriptor, false) == 0)
        #expect(caio_get_flags(descriptor) & caio_o_direct == 0)
        #expect(caio_set_direct(-1, true) == -EBADF)
        #expect(caio_get_flags(-1) == -EBADF)
        #expect(caio_open(file.path.appending("x").string, O_RDONLY, 0) == -ENOTDIR)
    }

    @Test func pollReturnsReadyBitsZeroOrAnError() throws {
        let pipe = try OpenDescriptor.pipe()
        #expect(caio_poll(pipe.read.descriptor.rawValue, Int16(POLLIN), 0) == 0)
        #expect(caio_poll(pipe.write.descriptor.rawValue, Int16(POLLOUT), -1) == POLLOUT)
        #expect(caio_poll(1 << 20, Int16(POLLIN), -1) == POLLNVAL)
    }

    @Test func informationOfABadDescriptorIsAnError() {
        var information = caio_file_info()
        #expect(caio_file_information(-1, &information) == -EBADF)
    }

    @Test func threadKeepsFifteenBytesOfItsName() async throws {
        let isNamed = try await onThread {
            caio_name_thread("a name that is too long")
            return ProcessCounters.threadNames().contains("a name that is ")
        }
        #expect(isNamed)
    }

    /// The thread does not block signals itself, so they are blocked from its first instruction on.
    @Test func startedThreadHasAsynchronousSignalsBlockedAndItsStarterHasItsOwnMask() async throws {
        let (result, inThread, before, after) = try await onThread {
            // The threads of the dispatch pool, one of which started this thread, block most signals.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            let before = Self.blockedSignals
            var thread = pthread_t()
            let inThread = UnsafeMutablePointer<Set<Int32>>.allocate(capacity: 1)
            inThread.initialize(to: [])
            defer {
                inThread.deinitialize(count: 1)
                inThread.deallocate()
            }
            let result = caio_start_thread(
                &thread, nil,
                {
                    $0?.assumingMemoryBound(to: Set<Int32>.self).pointee = ShimTests.blockedSignals
                    return nil
                }, inThread)
            if result == 0 { pthread_join(thread, nil) }
            return (result, inThread.pointee, before, Self.blockedSignals)
        }
        #expect(result == 0)
        #expect(inThread.isSuperset(of: [SIGINT, SIGTERM, SIGUSR1, SIGIO, SIGCHLD, SIGPIPE, SIGXFSZ]))
        // For crash reporters and profilers.
        #expect(
            inThread.isDisjoint(with: [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT, SIGPROF]))
        #expect(before.isEmpty)
        #expect(after.isEmpty)
    }

    private static var blockedSignals: Set<Int32> {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return Set((1...64).filter { sigismember(&mask, $0) == 1 })
    }

    @Test func clockGoesForward() {
        let first = caio_monotonic_ns()
        let second = caio_monotonic_ns()
        #expect(first > 0)
        #expect(second >= first)
    }
}
