import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// The test double must behave as the kernel does, or tests on it mean nothing.
@Suite struct ScriptedKernelTests {
    @Test func completesWhatTheTestCompletes() throws {
        let (kernel, blocks) = (try ScriptedKernel(), ControlBlocks([.read(1), .read(2)]))
        #expect(blocks.submit(to: kernel) == 2)
        #expect(kernel.events() == [])
        let submissions = try kernel.waitUntilSubmitted(2)
        #expect(submissions.map(\.id) == [.init(index: 1, generation: 0), .init(index: 2, generation: 0)])
        #expect(submissions.map(\.address) == blocks.addresses)
        kernel.complete(submissions[1], -5)
        kernel.complete(submissions[0])
        #expect(kernel.events() == [.init(2, -5), .init(1, 512)])
        #expect(kernel.inFlight.isEmpty)
        #expect(kernel.misuse.isEmpty)
    }

    @Test func completesAtOnceWhenAutomatic() throws {
        let kernel = try ScriptedKernel(mode: .automatic)
        #expect(ControlBlocks([.read(1), .synchronize(2), .poll(3)]).submit(to: kernel) == 3)
        #expect(kernel.events() == [.init(1, 512), .init(2, 0)])
        #expect(kernel.inFlight.map(\.id.index) == [3])
    }

    @Test func returnsTheScriptedResultsOfSubmissions() throws {
        let kernel = try ScriptedKernel()
        let blocks = ControlBlocks([.read(1), .read(2), .read(3)])
        kernel.scriptSubmissions(
            .fail(.resourceTemporarilyUnavailable), .fail(.interrupted), .fail(.noFunction), .accept(2))
        let again = ControlBlocks([.read(4)])
        #expect((0..<4).map { _ in blocks.submit(to: kernel) } == [-11, -4, -38, 2])
        #expect(again.submit(to: kernel) == 1)
        #expect(kernel.submissions.map(\.id.index) == [1, 2, 4])
        #expect(kernel.submitCalls.map(\.result) == [-11, -4, -38, 2, 1])
        #expect(kernel.submitCalls.map(\.blocks.count) == [3, 3, 3, 3, 1])
    }

    @Test func stopsAtTheFirstBadBlock() throws {
        let kernel = try ScriptedKernel()
        kernel.refuse { $0.data == 2 ? .badFileDescriptor : nil }
        #expect(ControlBlocks([.read(1), .read(2), .read(3)]).submit(to: kernel) == 1)
        #expect(ControlBlocks([.read(2), .read(3)]).submit(to: kernel) == -9)
        #expect(kernel.submissions.map(\.id.index) == [1])
    }

    @Test func cancelsPollsAndNothingElse() throws {
        let (kernel, blocks) = (try ScriptedKernel(), ControlBlocks([.read(1), .poll(2)]))
        blocks.submit(to: kernel)
        #expect(blocks.cancel(0, on: kernel) == -22)
        #expect(blocks.cancel(1, on: kernel) == -115)
        #expect(blocks.cancel(1, on: kernel) == -22)
        #expect(kernel.events() == [.init(2, 0)])
        #expect(kernel.cancelCalls == [0, 1, 1].map { blocks.addresses[$0] })
    }

    @Test func returnsTheScriptedResultsOfCancellations() throws {
        let (kernel, blocks) = (try ScriptedKernel(), ControlBlocks([.poll(1), .poll(2)]))
        blocks.submit(to: kernel)
        kernel.scriptCancellations(.refuse(.invalidArgument), .cancelLater, .cancel)
        #expect((0..<3).map { _ in blocks.cancel(0, on: kernel) } == [-22, -115, -115])
        #expect(kernel.events() == [.init(1, 0)])
    }

    @Test func postsStraysBesideWhatIsInFlight() throws {
        let (kernel, blocks) = (try ScriptedKernel(), ControlBlocks([.read(1)]))
        blocks.submit(to: kernel)
        kernel.postStray(OperationID(index: 1, generation: 7), result: 3)
        #expect(kernel.events() == [.init(OperationID(index: 1, generation: 7).tag, 3)])
        #expect(kernel.inFlight.count == 1)
    }

    @Test func interruptsWaitsThatFindNothing() throws {
        let kernel = try ScriptedKernel(mode: .automatic)
        kernel.interruptWaits()
        ControlBlocks([.read(1)]).submit(to: kernel)
        #expect(kernel.wait(nanoseconds: -1).events.count == 1)
        #expect(kernel.wait(nanoseconds: -1).result == -4)
        #expect(kernel.wait(nanoseconds: 0).result == 0)
    }

    @Test func waitsForItsTimeout() throws {
        let kernel = try ScriptedKernel()
        let start = ContinuousClock.now
        #expect(kernel.wait(nanoseconds: 20_000_000).result == 0)
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    @Test func wakesAWaiterByWhatIsPosted() async throws {
        let (kernel, blocks) = (try ScriptedKernel(), ControlBlocks([.read(1)]))
        async let waited = onThread { kernel.wait(nanoseconds: -1).events }
        try await kernel.waitUntilWaiting()
        blocks.submit(to: kernel)
        kernel.completeAll()
        #expect(try await waited == [.init(1, 512)])
        try await kernel.waitUntilReaped()
    }

    @Test(arguments: [true, false])
    func endsAWaitWhenItIsWoken(before: Bool) async throws {
        let kernel = try ScriptedKernel()
        if before { kernel.wake() }
        async let waited = onThread {
            var events = [CompletionEvent()]
            return events.withUnsafeMutableBufferPointer { kernel.reap(into: $0, timeoutNanoseconds: -1) }
        }
        if !before {
            try await kernel.waitUntilWaiting()
            kernel.wake()
        }
        #expect(try await waited == Reaping(0, wasWoken: true))
        #expect(kernel.wait(nanoseconds: 0).result == 0)
    }

    @Test func hangsUntilTheGateOpens() async throws {
        let (kernel, gate) = (try ScriptedKernel(), ScriptedKernel.Gate())
        kernel.scriptSubmissions(.hang(gate), .fail(.interrupted))
        let (slow, fast) = (ControlBlocks([.read(1)]), ControlBlocks([.read(2)]))
        async let hung = onThread { slow.submit(to: kernel) }
        try await gate.waitUntilReached()
        #expect(fast.submit(to: kernel) == -4)
        #expect(kernel.submissions.isEmpty)
        gate.open()
        #expect(try await hung == 1)
        #expect(kernel.submissions.map(\.id.index) == [1])
    }

    @Test func recordsMisuse() throws {
        let (kernel, blocks) = (try ScriptedKernel(), ControlBlocks([.read(1)]))
        blocks.submit(to: kernel)
        blocks.submit(to: kernel)
        #expect(kernel.misuse == ["an iocb was submitted while its address was in flight"])
        kernel.destroy()
        #expect(kernel.inFlightAtDestroy == 2)
        #expect(kernel.destroyCount == 1)
        #expect(kernel.wait(nanoseconds: -1).result == -22)
        _ = blocks.cancel(0, on: kernel)
        #expect(kernel.misuse.dropFirst() == ["reap after destroy", "cancel after destroy"])
    }
}
