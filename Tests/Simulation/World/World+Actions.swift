import AIOKernel
import TestSupport

@testable import AIOEngine

extension World {
    /// Does what an actor does next.
    ///
    /// - Parameter actor: its number; nil in a job.
    func perform(_ action: Action, actor: Int?) {
        switch action {
        case .start(let specification): start(specification, actor: actor)
        case .startTogether(let specifications): startTogether(specifications, actor: actor)
        case .cancel(let back): cancel(back)
        case .cancelWaiter(let back): cancelWaiter(back)
        case .close(let cancelling): close(cancelling: cancelling)
        case .closeFile(let file): closeFile(file)
        case .snapshot: takeSnapshot()
        case .inspect: inspect()
        case .idle(let nanoseconds):
            scheduler.step(.idle, Int(nanoseconds))
            scheduler.pause(nanoseconds)
        case .job(let loop, let busy, let actions): push(loop, busy, actions)
        case .wakeLoop(let loop):
            scheduler.step(.wakeLoop, loop)
            engine?.wakeLoop(loop)
        case .inline(let bytes): recordInline(bytes)
        }
    }

    /// The operation that was started as the `back`th before the last.
    private func operation(_ back: Int) -> SimulatedOperation? {
        back < operations.count ? operations[operations.count - 1 - back] : nil
    }

    private func cancel(_ back: Int) {
        guard let operation = operation(back), let id = operation.id else { return }
        scheduler.step(.cancelID, operation.number)
        operation.cancelledAt = operation.cancelledAt ?? scheduler.now
        engine?.cancel(id)
        scheduler.pass(.cancelID, operation.number)
    }

    private func cancelWaiter(_ back: Int) {
        guard let operation = operation(back), operation.specification.hasWaiter else { return }
        operation.cancelledAt = operation.cancelledAt ?? scheduler.now
        operation.isWaiterCancelled = true
        scheduler.pass(.cancelWaiter, operation.number)
    }

    /// Closes the engine, for the first time or once more.
    func close(cancelling: Bool) {
        closesAsked += 1
        scheduler.step(.close, cancelling ? 1 : 0)
        engine?.close(cancelling: cancelling) {
            self.closesAnswered += 1
            self.wakeEndWaiter()
            self.scheduler.pass(.closed, self.closesAnswered)
        }
        isClosed = true
    }

    func wakeEndWaiter() {
        if let endWaiter { scheduler.wake(endWaiter) }
    }

    private func closeFile(_ number: Int) {
        let file = files[number]
        closedFiles.append(file)
        files[number] = SimulatedFile(descriptor: file.lease.descriptor, keepsToOneLoop: false)
        scheduler.step(.closeFile, number)
        file.close(self)
    }

    private func takeSnapshot() {
        guard let counters = engine?.counters else { return }
        scheduler.step(.snapshot, counters.submitted, counters.completed)
        if counters.submitted + counters.inline != counters.completed + counters.inFlight {
            scheduler.fail("a snapshot whose sums do not come out: \(counters)")
        }
    }

    private func inspect() {
        guard let found = engine?.liveOperations(olderThan: 0, maximum: 3) else { return }
        scheduler.pass(.inspect, found.operations.count)
        let ages = found.operations.map(\.ageNanoseconds)
        if ages.count > 3 || ages != ages.sorted(by: >) { scheduler.fail("an inspection found the ages \(ages)") }
        scheduler.pass(.inspect)
        withExtendedLifetime(found) {}
    }

    private func push(_ loop: Int, _ busy: UInt64, _ actions: [Action]) {
        clients[loop].push {
            for action in actions { self.perform(action, actor: nil) }
            self.scheduler.pause(busy)
            self.scheduler.step(.jobEnded, loop)
        }
    }

    private func recordInline(_ bytes: Int) {
        inlineReads += 1
        inlineBytes += bytes
        engine?.recordInline(.read, bytes, since: scheduler.now)
        scheduler.step(.inline, bytes)
    }
}
