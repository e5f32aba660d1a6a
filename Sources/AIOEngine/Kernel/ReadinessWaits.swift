internal import CAIOShims
internal import Glibc

/// Polls that wait until their descriptors are ready, without the kernel's AIO: epoll(7), or poll(2) where that is refused.
///
/// The waits on one descriptor share its entry, which reports once and is then armed again. What it reports is confirmed by
/// poll(2) for each of them. A descriptor that was closed vanishes from epoll silently: once a second all are looked at.
struct ReadinessWaits {
    typealias Block = UnsafeMutablePointer<caio_iocb>

    private var blocks: [Int32: [Block]] = [:]
    private var epoll: Int32 = -1
    /// Ends a sleep; -1 where the process had no descriptor left.
    private var wakePipe: (read: Int32, write: Int32) = (-1, -1)
    private var isSignalled = false
    private var isOpen = false
    private var nextCheck: UInt64 = 0

    private static let checkInterval: UInt64 = 1_000_000_000

    var isEmpty: Bool { blocks.isEmpty }
    /// Whether a sleep notices what is added meanwhile.
    var noticesAdditions: Bool { epoll >= 0 }

    enum Addition {
        case waits
        /// It has these events already.
        case ready(Int)
        case refused(Int32)
    }

    mutating func add(_ block: Block) -> Addition {
        open()
        let descriptor = block.descriptor
        let found = caio_poll(descriptor, block.events, 0)
        if found > 0 { return found & Int32(POLLNVAL) != 0 ? .refused(EBADF) : .ready(Int(found)) }
        blocks[descriptor, default: []].append(block)
        let error = arm(descriptor)
        guard error < 0 else { return .waits }
        _ = remove(block)
        return .refused(-error)
    }

    /// - Returns: false where it does not wait here.
    mutating func remove(_ block: Block) -> Bool {
        guard let index = blocks[block.descriptor]?.firstIndex(of: block) else { return false }
        take(index, of: block.descriptor)
        return true
    }

    private mutating func take(_ index: Int, of descriptor: Int32) {
        blocks[descriptor]?.remove(at: index)
        guard blocks[descriptor]?.isEmpty == true else { return }
        blocks[descriptor] = nil
        if epoll >= 0 { caio_epoll_remove(epoll, descriptor) }
    }

    private func arm(_ descriptor: Int32) -> Int32 {
        guard epoll >= 0, let waiting = blocks[descriptor] else { return 0 }
        let events = waiting.reduce(UInt32(0)) { $0 | UInt32(UInt16(bitPattern: $1.events)) }
        return caio_epoll_arm(epoll, descriptor, events, 0)
    }

    /// Takes the polls that have an event out, and what each of them has.
    mutating func collect(_ ready: [Int32]) -> [(Block, Int)] {
        var found: [(Block, Int)] = []
        for descriptor in ready {
            if descriptor == wakePipe.read { drainPipe() } else { collect(descriptor, into: &found) }
        }
        let now = caio_monotonic_ns()
        if now >= nextCheck {
            nextCheck = now + Self.checkInterval
            for descriptor in Array(blocks.keys) where caio_poll(descriptor, 0, 0) & Int32(POLLNVAL) != 0 {
                collect(descriptor, into: &found)
            }
        }
        return found
    }

    private mutating func collect(_ descriptor: Int32, into found: inout [(Block, Int)]) {
        for block in blocks[descriptor] ?? [] {
            let events = caio_poll(descriptor, block.events, 0)
            guard events > 0 else { continue }
            _ = remove(block)
            found.append((block, events & Int32(POLLNVAL) != 0 ? -Int(EBADF) : Int(events)))
        }
        _ = arm(descriptor)
    }

    // MARK: Sleeping

    /// What a thread does to sleep until one of the descriptors is ready, with no lock held.
    struct Plan {
        fileprivate let epoll: Int32
        fileprivate var entries: [pollfd]
        fileprivate let milliseconds: Int32

        /// - Returns: descriptors that may be ready.
        func sleep() -> [Int32] {
            if epoll >= 0 {
                return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 64) { found in
                    let count = caio_epoll_wait(epoll, found.baseAddress!, 64, milliseconds)
                    return Array(found[..<max(0, Int(count))])
                }
            }
            var entries = entries
            guard caio_poll_all(&entries, UInt(entries.count), milliseconds) > 0 else { return [] }
            return entries.filter { $0.revents != 0 }.map(\.fd)
        }
    }

    /// - Parameter nanoseconds: how long to sleep; negative: without limit.
    func prepareToSleep(nanoseconds: Int64) -> Plan {
        // Rounded up: a sleep that ends early would be repeated until its time is over. And never longer than until the next
        // look at closed descriptors; nor without a way to be woken.
        let limit: Int64 = epoll < 0 && wakePipe.read < 0 ? 1 : 1000
        let wanted = nanoseconds < 0 ? limit : min(limit, (nanoseconds + 999_999) / 1_000_000)
        var entries: [pollfd] = []
        if epoll < 0 {
            entries = blocks.map { descriptor, waiting in
                pollfd(fd: descriptor, events: waiting.reduce(0) { $0 | $1.events }, revents: 0)
            }
            if wakePipe.read >= 0 { entries.append(pollfd(fd: wakePipe.read, events: Int16(POLLIN), revents: 0)) }
        }
        return Plan(epoll: epoll, entries: entries, milliseconds: Int32(wanted))
    }

    /// Looks without sleeping.
    func poll() -> [Int32] { prepareToSleep(nanoseconds: 0).sleep() }

    /// Ends the sleep of another thread.
    mutating func signal() {
        guard !isSignalled, wakePipe.write >= 0 else { return }
        isSignalled = true
        var byte: UInt8 = 0
        _ = Glibc.write(wakePipe.write, &byte, 1)
    }

    private mutating func drainPipe() {
        isSignalled = false
        var byte: UInt8 = 0
        _ = Glibc.read(wakePipe.read, &byte, 1)
    }

    // MARK: Descriptors

    private mutating func open() {
        guard !isOpen else { return }
        isOpen = true
        var ends: [Int32] = [-1, -1]
        if caio_pipe(&ends) == 0 { wakePipe = (ends[0], ends[1]) }
        epoll = wakePipe.read >= 0 ? max(-1, caio_epoll()) : -1
        if epoll >= 0, caio_epoll_arm(epoll, wakePipe.read, UInt32(POLLIN), 1) < 0 {
            _ = caio_close(epoll)
            epoll = -1
        }
    }

    mutating func close() {
        for descriptor in [epoll, wakePipe.read, wakePipe.write] where descriptor >= 0 { _ = caio_close(descriptor) }
        (epoll, wakePipe) = (-1, (-1, -1))
    }
}

extension UnsafeMutablePointer<caio_iocb> {
    fileprivate var descriptor: Int32 { Int32(bitPattern: pointee.descriptor) }
    fileprivate var events: Int16 { Int16(truncatingIfNeeded: pointee.buffer) }
}
