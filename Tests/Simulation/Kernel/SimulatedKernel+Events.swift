import AIOKernel
import CAIOShims
import Glibc
import TestSupport

@testable import AIOEngine

extension SimulatedKernel {
    var eventCount: Int {
        collect()
        return ring.count
    }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        beginReaping()
        defer { reapers -= 1 }
        scheduler.pass(.reap, number)
        collect()
        return take(into: events)
    }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        beginReaping()
        defer { reapers -= 1 }
        scheduler.pass(.sleep, number, Int(timeoutNanoseconds))
        let end = timeoutNanoseconds < 0 ? UInt64.max : scheduler.now + UInt64(timeoutNanoseconds)
        let interruption =
            faults.interruptedSleeps.happens(&random)
            ? scheduler.now + UInt64.random(in: 0..<2_000_000, using: &random) : UInt64.max
        if faults.reapingErrors.happens(&random) { return Reaping(-Int(EIO)) }
        sleepsInContext = capacity != nil
        while true {
            collect()
            if sleepsInContext && !ring.isEmpty || isWoken { return take(into: events) }
            if scheduler.now >= interruption { return Reaping(-Int(EINTR)) }
            if scheduler.now >= end { return Reaping(0) }
            // A sleep that began before there was a context does not end with its events.
            let due = sleepsInContext ? inFlight.reduce(UInt64.max) { min($0, $1.due) } : UInt64.max
            let deadline = min(end, interruption, due)
            sleeper = scheduler.current
            _ = scheduler.sleep(until: deadline == .max ? nil : deadline)
            sleeper = nil
        }
    }

    private func beginReaping() {
        checkAlive("reap")
        reapers += 1
        if reapers > 1 { misuse("sees two threads reap at once") }
    }

    /// Moves what the devices have done to the ring, in the order in which they were done.
    func collect() {
        guard inFlight.contains(where: { $0.due <= scheduler.now }) else { return }
        let due = inFlight.filter { $0.due <= scheduler.now }.sorted { $0.due < $1.due }
        inFlight.removeAll { $0.due <= scheduler.now }
        for flight in due {
            world.touch(flight.operation)
            post(flight, flight.result)
        }
    }

    /// Posts the event of an operation.
    func post(_ flight: Flight, _ result: Int) {
        var event = CompletionEvent()
        event.raw.data = flight.tag
        event.raw.object = UInt64(flight.address)
        event.raw.result = Int64(result)
        ring.append(event)
        flight.operation.deliver(result, at: min(flight.due, scheduler.now))
    }

    private func take(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        var count = 0
        while count < events.count, !ring.isEmpty {
            let event = ring.removeFirst()
            events[count] = event
            count += 1
            if let operation = addresses.removeValue(forKey: event.blockAddress) {
                operation.holder = nil
                count = addStrays(after: event, into: events, count)
            }
        }
        let wasWoken = isWoken
        isWoken = false
        scheduler.step(.reaped, number, count)
        return Reaping(count, wasWoken: wasWoken)
    }

    /// Adds events that no operation waits for: one that comes twice, or one of nobody.
    private func addStrays(
        after event: CompletionEvent, into events: UnsafeMutableBufferPointer<CompletionEvent>, _ count: Int
    ) -> Int {
        // The address is free for others from here on.
        hiddenPolls[event.blockAddress] = nil
        let isRefusal = event.result == -Int(EAGAIN) || event.result == -Int(EOPNOTSUPP)
        guard count < events.count, !isRefusal, faults.strayEvents.happens(&random) else { return count }
        events[count] = event
        switch random.next() % 3 {
        case 0: events[count].raw.data = event.data &+ 1 << 40
        case 1:
            // The name of an operation in flight, and another's address.
            if let flight = inFlight.first, flight.address != event.blockAddress { events[count].raw.data = flight.tag }
        default: break
        }
        strays += 1
        return count + 1
    }
}
