internal import CAIOShims
internal import Glibc

/// What a thread sleeps in until descriptors are ready: epoll(7), or poll(2) where that is refused. A pipe ends the sleep.
///
/// The program may close any descriptor, these too, and its next file may get their number. Each use is preceded by a check:
/// whatever is not this source's own any more is left alone and made anew.
struct ReadinessSource {
    private var epoll: Int32 = -1
    private var pipe: (read: Int32, write: Int32) = (-1, -1)
    private var identity = caio_identity()
    private var isSignalled = false
    private var isClosed = false
    /// epoll_wait(2) is refused where epoll_create1(2) is not.
    private var refusesEpoll = false
    /// When to try again to make what could not be made.
    private var nextAttempt: UInt64 = 0

    private static let retryInterval: UInt64 = 1_000_000_000

    /// Whether a sleep notices what is armed meanwhile.
    var noticesAdditions: Bool { epoll >= 0 }

    /// Whether this descriptor is the one that ends sleeps.
    func isWakeUp(_ descriptor: Int32) -> Bool { descriptor == pipe.read }

    // MARK: Descriptors

    /// Makes what is missing, or was closed by the program.
    ///
    /// - Returns: whether there is a new epoll instance, which knows no descriptor yet.
    mutating func restore() -> Bool {
        guard !isClosed else { return false }
        if pipe.read >= 0, !isOwn(pipe.write) || !(epoll < 0 ? isOwn(pipe.read) : isOwnEpoll) { forgetPipe() }
        guard epoll < 0, caio_monotonic_ns() >= nextAttempt else { return false }
        nextAttempt = caio_monotonic_ns() + Self.retryInterval
        makePipe()
        guard pipe.read >= 0, !refusesEpoll else { return false }
        epoll = max(-1, caio_epoll())
        guard epoll >= 0 else { return false }
        if caio_epoll_arm(epoll, pipe.read, UInt32(POLLIN), true, true) < 0 { closeEpoll() }
        return epoll >= 0
    }

    private mutating func makePipe() {
        guard pipe.read < 0 else { return }
        var ends: [Int32] = [-1, -1]
        guard caio_pipe(&ends) == 0 else { return }
        // The ends are one inode, and no other pipe has it.
        if caio_identify(ends[0], &identity) == 0 {
            pipe = (ends[0], ends[1])
        } else {
            for end in ends { _ = caio_close(end) }
        }
        isSignalled = false
    }

    private func isOwn(_ descriptor: Int32) -> Bool {
        var found = caio_identity()
        return caio_identify(descriptor, &found) == 0 && caio_is_same(found, identity)
    }

    /// Whether the instance is there, and the read end of the pipe in it: a foreign instance has no such entry.
    private var isOwnEpoll: Bool { caio_epoll_arm(epoll, pipe.read, UInt32(POLLIN), true, false) == 0 }

    /// Gives the pipe up, and with it the epoll instance, which is not told from another one without it.
    private mutating func forgetPipe() {
        for end in [pipe.read, pipe.write] where isOwn(end) { _ = caio_close(end) }
        (epoll, pipe, nextAttempt) = (-1, (-1, -1), 0)
    }

    private mutating func closeEpoll() {
        _ = caio_close(epoll)
        epoll = -1
    }

    mutating func close() {
        if epoll >= 0, isOwnEpoll { closeEpoll() }
        forgetPipe()
        isClosed = true
    }

    // MARK: Descriptors of others

    /// Has epoll report a descriptor once, when it has one of these events.
    ///
    /// - Returns: 0 or -errno.
    func arm(_ descriptor: Int32, _ events: UInt32) -> Int32 {
        epoll >= 0 ? caio_epoll_arm(epoll, descriptor, events, false, true) : 0
    }

    // MARK: Sleeping

    /// What a thread does to sleep, with no lock held.
    struct Plan {
        fileprivate let epoll: Int32
        fileprivate var entries: [pollfd]
        fileprivate let milliseconds: Int32

        func sleep() -> Awakening {
            guard epoll < 0 else {
                return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 64) { found in
                    let count = caio_epoll_wait(epoll, found.baseAddress!, 64, milliseconds)
                    return Awakening(ready: Array(found[..<max(0, Int(count))]), epollError: max(0, -count))
                }
            }
            var entries = entries
            let count = caio_poll_all(&entries, UInt(entries.count), milliseconds)
            guard count < 0, count != -EINTR else {
                return Awakening(ready: count > 0 ? entries.filter { $0.revents != 0 }.map(\.fd) : [], epollError: 0)
            }
            // More descriptors than the process may open by now, or no memory: each is looked at by itself.
            if milliseconds > 0 { usleep(1000) }
            return Awakening(ready: entries.map(\.fd), epollError: 0)
        }
    }

    struct Awakening {
        /// Descriptors that may be ready.
        var ready: [Int32]
        fileprivate var epollError: Int32
    }

    /// - Parameters:
    ///   - milliseconds: how long to sleep at most.
    ///   - entries: the descriptors and their events; asked for only where there is no epoll.
    func plan(milliseconds: Int64, _ entries: () -> [pollfd]) -> Plan {
        guard epoll < 0 else { return Plan(epoll: epoll, entries: [], milliseconds: Int32(clamping: milliseconds)) }
        var entries = entries()
        if pipe.read >= 0 { entries.append(pollfd(fd: pipe.read, events: Int16(POLLIN), revents: 0)) }
        // Without a pipe nothing ends the sleep.
        let limit: Int64 = pipe.read >= 0 ? milliseconds : min(milliseconds, 1)
        return Plan(epoll: -1, entries: entries, milliseconds: Int32(clamping: limit))
    }

    /// Notes what a sleep came to: an epoll instance that does not work is not used any more.
    mutating func didSleep(_ awakening: Awakening) {
        guard awakening.epollError != 0, awakening.epollError != EINTR, epoll >= 0 else { return }
        // EBADF and EINVAL say that the program closed it, which the next check finds.
        guard isOwnEpoll else { return }
        refusesEpoll = true
        closeEpoll()
    }

    /// Ends the sleep of another thread.
    mutating func signal() {
        guard !isSignalled, pipe.write >= 0, isOwn(pipe.write) else { return }
        isSignalled = true
        var byte: UInt8 = 0
        _ = Glibc.write(pipe.write, &byte, 1)
    }

    /// Takes the signal back.
    mutating func clear() {
        isSignalled = false
        guard isOwn(pipe.read) else { return }
        var byte: UInt8 = 0
        _ = Glibc.read(pipe.read, &byte, 1)
    }
}
