internal import CAIOShims
internal import Glibc

/// Polls that wait until their descriptors are ready, without the kernel's AIO.
///
/// The waits on one descriptor share its entry in epoll, which reports once and is armed again for those that are left. What
/// it reports is confirmed by poll(2) for each of them. Once a second all descriptors are looked at, as epoll says nothing of
/// one that was closed or replaced.
struct ReadinessWaits {
    typealias Block = UnsafeMutablePointer<caio_iocb>

    private struct Entry {
        var blocks: [Block] = []
        /// What any of the blocks waits for.
        var events: UInt32 = 0
        /// What epoll reports; 0 once it has.
        var armed: UInt32 = 0
    }

    private var entries: [Int32: Entry] = [:]
    private var source = ReadinessSource()
    private var nextCheck: UInt64 = 0

    private static let checkInterval: UInt64 = 1_000_000_000

    var isEmpty: Bool { entries.isEmpty }
    /// Whether a sleep notices what is added meanwhile.
    var noticesAdditions: Bool { source.noticesAdditions }

    enum Addition {
        case waits
        /// It has these events already.
        case ready(Int)
        case refused(Int32)
    }

    mutating func add(_ block: Block) -> Addition {
        let descriptor = block.descriptor
        guard descriptor >= 0 else { return .refused(EBADF) }
        let found = caio_poll(descriptor, block.events, 0)
        if found > 0 { return found & Int32(POLLNVAL) != 0 ? .refused(EBADF) : .ready(Int(found)) }
        restore()
        entries[descriptor, default: Entry()].blocks.append(block)
        entries[descriptor]?.events |= block.eventBits
        let error = arm(descriptor)
        guard error < 0 else { return .waits }
        _ = remove(block)
        // As io_submit(2) has it for a file that cannot be waited for.
        return .refused(error == -EPERM ? EINVAL : -error)
    }

    /// - Returns: false where it does not wait here.
    mutating func remove(_ block: Block) -> Bool {
        let descriptor = block.descriptor
        guard let index = entries[descriptor]?.blocks.firstIndex(of: block) else { return false }
        entries[descriptor]?.blocks.remove(at: index)
        // epoll keeps what it is armed for, and reports it once at most.
        if entries[descriptor]?.blocks.isEmpty == true { entries[descriptor] = nil }
        return true
    }

    /// Has epoll report what the blocks of a descriptor wait for, unless it does.
    private mutating func arm(_ descriptor: Int32) -> Int32 {
        guard let entry = entries[descriptor], entry.events & ~entry.armed != 0 else { return 0 }
        let result = source.arm(descriptor, entry.events)
        if result == 0 { entries[descriptor]?.armed = entry.events }
        return result
    }

    private mutating func restore() {
        guard source.restore() else { return }
        for descriptor in entries.keys { entries[descriptor]?.armed = 0 }
        for descriptor in entries.keys { _ = arm(descriptor) }
    }

    // MARK: What is ready

    /// Takes the polls that have an event out, and what each of them has.
    mutating func collect(_ awakening: ReadinessSource.Awakening) -> [(Block, Int)] {
        source.didSleep(awakening)
        var found: [(Block, Int)] = []
        for descriptor in awakening.ready {
            if source.isWakeUp(descriptor) { source.clear() } else { collect(descriptor, into: &found) }
        }
        let now = caio_monotonic_ns()
        if now >= nextCheck {
            nextCheck = now + Self.checkInterval
            var all = pollEntries
            let count = caio_poll_all(&all, UInt(all.count), 0)
            for one in all where count > 0 && one.revents != 0 { collect(one.fd, into: &found) }
        }
        return found
    }

    private mutating func collect(_ descriptor: Int32, into found: inout [(Block, Int)]) {
        guard var entry = entries[descriptor] else { return }
        entry.armed = 0
        entry.events = 0
        var left: [Block] = []
        for block in entry.blocks {
            let events = caio_poll(descriptor, block.events, 0)
            if events > 0 {
                found.append((block, events & Int32(POLLNVAL) != 0 ? -Int(EBADF) : Int(events)))
            } else {
                left.append(block)
                entry.events |= block.eventBits
            }
        }
        entry.blocks = left
        entries[descriptor] = left.isEmpty ? nil : entry
        let error = arm(descriptor)
        guard error < 0 else { return }
        // Nothing would ever report it.
        for block in left { found.append((block, Int(error))) }
        entries[descriptor] = nil
    }

    private var pollEntries: [pollfd] {
        entries.map { descriptor, entry in
            pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: entry.events), revents: 0)
        }
    }

    // MARK: Sleeping

    /// - Parameter nanoseconds: how long to sleep; negative: without limit.
    mutating func prepareToSleep(nanoseconds: Int64) -> ReadinessSource.Plan {
        restore()
        // Rounded up: a sleep that ends early would be repeated until its time is over. And never longer than until the next
        // look at all descriptors.
        let wanted = nanoseconds < 0 ? 1000 : min(1000, (nanoseconds + 999_999) / 1_000_000)
        return source.plan(milliseconds: wanted) { pollEntries }
    }

    /// Ends the sleep of another thread.
    mutating func signal() { source.signal() }

    mutating func close() { source.close() }
}

extension UnsafeMutablePointer<caio_iocb> {
    fileprivate var descriptor: Int32 { Int32(bitPattern: pointee.descriptor) }
    fileprivate var events: Int16 { Int16(truncatingIfNeeded: pointee.buffer) }
    fileprivate var eventBits: UInt32 { UInt32(UInt16(bitPattern: events)) }
}
