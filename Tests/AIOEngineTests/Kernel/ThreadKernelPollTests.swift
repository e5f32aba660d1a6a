import AIOKernel
import CAIOShims
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Polls without the kernel's AIO: epoll.
@Suite struct ThreadKernelPollTests {
    private func poll(_ descriptor: FileDescriptor, _ events: Int32 = POLLIN, data: UInt64 = 1) -> ControlBlock {
        .poll(descriptor, for: UInt32(events), data: data)
    }

    @Test func whatIsReadyCompletesAtOnce() throws {
        let rig = ThreadKernelRig()
        let (read, write) = try OpenDescriptor.pipe()
        let blocks = ControlBlocks([poll(write.descriptor, POLLOUT)])
        #expect(blocks.submit(to: rig.kernel) == 1)
        #expect(rig.kernel.events() == [Reaped(1, Int(POLLOUT))])
        withExtendedLifetime((read, blocks)) {}
    }

    /// Whether it sleeps in the monitor when the poll comes, or for other polls already.
    @Test(arguments: [false, true]) func pollThatComesDuringASleepIsNoticed(withOthers: Bool) throws {
        let rig = ThreadKernelRig()
        let (other, late) = (try OpenDescriptor.pipe(), try OpenDescriptor.pipe())
        let others = ControlBlocks([poll(other.read.descriptor, data: 1)])
        if withOthers { #expect(others.submit(to: rig.kernel) == 1) }
        let sleeper = rig.sleeper()
        let blocks = ControlBlocks([poll(late.read.descriptor, data: 2)])
        #expect(blocks.submit(to: rig.kernel) == 1)
        // The sleep may end for the poll's sake, before it has an event.
        var found: [Reaped] = []
        _ = try late.write.descriptor.writeAll([1])
        found += try sleeper.outcome().events
        if found.isEmpty { found += try rig.sleeper().outcome().events }
        #expect(found == [Reaped(2, Int(POLLIN))])
        withExtendedLifetime((other.write, others, blocks)) {}
    }

    @Test func pollsOnOneDescriptorGetWhatTheyWaitFor() throws {
        let rig = ThreadKernelRig()
        var sockets: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
        let (near, far) = (FileDescriptor(rawValue: sockets[0]), FileDescriptor(rawValue: sockets[1]))
        var chunk = [UInt8](repeating: 0, count: 4096)
        while send(sockets[0], &chunk, chunk.count, Int32(MSG_DONTWAIT)) > 0 {}
        let blocks = ControlBlocks([
            poll(near, POLLIN, data: 1), poll(near, POLLOUT, data: 2), poll(near, POLLIN | POLLOUT, data: 3),
            poll(near, POLLOUT, data: 4),
        ])
        #expect(blocks.submit(to: rig.kernel) == 4)
        #expect(rig.kernel.events() == [])
        _ = try far.writeAll([1])
        let readable = try rig.sleeper().outcome().events
        #expect(readable == [Reaped(1, Int(POLLIN)), Reaped(3, Int(POLLIN))])
        // The two that are left are armed again.
        while recv(sockets[1], &chunk, chunk.count, Int32(MSG_DONTWAIT)) > 0 {}
        #expect(try rig.sleeper().outcome().events == [Reaped(2, Int(POLLOUT)), Reaped(4, Int(POLLOUT))])
        try near.close()
        try far.close()
        withExtendedLifetime(blocks) {}
    }

    @Test func thousandPollsOnOneDescriptorAllComplete() throws {
        let rig = ThreadKernelRig()
        let (read, write) = try OpenDescriptor.pipe()
        let blocks = ControlBlocks((0..<1000).map { poll(read.descriptor, data: UInt64($0)) })
        #expect(blocks.submit(to: rig.kernel) == 1000)
        for index in stride(from: 0, to: 1000, by: 2) {
            #expect(blocks.cancel(index, on: rig.kernel) == -EINPROGRESS)
        }
        var cancelled: [Reaped] = []
        while rig.kernel.eventCount > 0 { cancelled += rig.kernel.events() }
        #expect(cancelled.allSatisfy { $0.data % 2 == 0 && $0.result == -Int(ECANCELED) })
        _ = try write.descriptor.writeAll([1])
        var completed = try rig.sleeper().outcome().events
        while rig.kernel.eventCount > 0 { completed += rig.kernel.events() }
        #expect(cancelled.count == 500)
        #expect(completed.map(\.data) == stride(from: 1, to: 1000, by: 2).map { UInt64($0) })
        withExtendedLifetime(blocks) {}
    }

    /// epoll brings 64 at a time, and the rest at the next look.
    @Test func manyDescriptorsAreAllReported() throws {
        let rig = ThreadKernelRig()
        let pipes = try (0..<200).map { _ in try OpenDescriptor.pipe() }
        let blocks = ControlBlocks(pipes.enumerated().map { poll($1.read.descriptor, data: UInt64($0)) })
        #expect(blocks.submit(to: rig.kernel) == 200)
        for pipe in pipes { _ = try pipe.write.descriptor.writeAll([1]) }
        var found: Set<UInt64> = []
        while found.count < 200 {
            let events = try rig.sleeper(nanoseconds: 1_000_000_000).outcome().events
            guard !events.isEmpty else { break }
            found.formUnion(events.map(\.data))
        }
        #expect(found == Set(0..<200))
        withExtendedLifetime(blocks) {}
    }

    @Test func hangUpIsReportedThoughNotWaitedFor() throws {
        let rig = ThreadKernelRig()
        let (read, write) = try OpenDescriptor.pipe()
        let blocks = ControlBlocks([poll(read.descriptor)])
        #expect(blocks.submit(to: rig.kernel) == 1)
        let sleeper = rig.sleeper()
        try write.descriptor.close()
        #expect(try sleeper.outcome().events == [Reaped(1, Int(POLLHUP))])
        withExtendedLifetime((write, blocks)) {}
    }

    @Test(arguments: [-1, Int32.min, 1 << 20]) func badDescriptorIsRefused(number: Int32) throws {
        let rig = ThreadKernelRig()
        let (read, write) = try OpenDescriptor.pipe()
        let bad = poll(FileDescriptor(rawValue: number), data: 2)
        #expect(ControlBlocks([bad]).submit(to: rig.kernel) == -Int(EBADF))
        // As with io_submit(2), what comes before it is accepted.
        let blocks = ControlBlocks([poll(read.descriptor), bad])
        #expect(blocks.submit(to: rig.kernel) == 1)
        withExtendedLifetime((write, blocks)) {}
    }

    @Test func regularFileIsReadyAndHasNothingElseToWaitFor() throws {
        let rig = ThreadKernelRig()
        let file = try PatternFile(size: 4096).open()
        let blocks = ControlBlocks([poll(file.descriptor, POLLIN)])
        #expect(blocks.submit(to: rig.kernel) == 1)
        #expect(rig.kernel.events() == [Reaped(1, Int(POLLIN))])
        #expect(ControlBlocks([poll(file.descriptor, POLLPRI)]).submit(to: rig.kernel) == -Int(EINVAL))
        withExtendedLifetime((file, blocks)) {}
    }

    /// A closed descriptor vanishes from epoll without a word; once a second all are looked at.
    @Test(.timeLimit(.minutes(1))) func waitOnADescriptorThatIsClosedEnds() async throws {
        await #expect(processExitsWith: .success) {
            let rig = ThreadKernelRig()
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { exit(2) }
            let blocks = ControlBlocks([.poll(FileDescriptor(rawValue: ends[0]), for: UInt32(POLLIN), data: 1)])
            guard blocks.submit(to: rig.kernel) == 1, rig.kernel.events() == [] else { exit(3) }
            close(ends[0])
            var events: [Reaped] = []
            while events.isEmpty { events = rig.kernel.wait(nanoseconds: -1).events }
            withExtendedLifetime(blocks) { exit(events == [Reaped(1, -Int(EBADF))] ? 0 : 4) }
        }
    }

    /// So does one that another file has taken the number of.
    @Test(.timeLimit(.minutes(1))) func waitOnADescriptorThatIsReplacedGoesByTheNewFile() async throws {
        await #expect(processExitsWith: .success) {
            let rig = ThreadKernelRig()
            var (old, new): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
            guard pipe(&old) == 0, pipe(&new) == 0 else { exit(2) }
            let blocks = ControlBlocks([.poll(FileDescriptor(rawValue: old[0]), for: UInt32(POLLIN), data: 1)])
            guard blocks.submit(to: rig.kernel) == 1, rig.kernel.events() == [] else { exit(3) }
            dup2(new[0], old[0])
            write(new[1], [1], 1)
            var events: [Reaped] = []
            while events.isEmpty { events = rig.kernel.wait(nanoseconds: -1).events }
            withExtendedLifetime(blocks) { exit(events == [Reaped(1, Int(POLLIN))] ? 0 : 4) }
        }
    }

    @Test func endClosesEveryDescriptor() async throws {
        await #expect(processExitsWith: .success) {
            let before = ProcessCounters.openDescriptors()
            for _ in 0..<10 {
                let rig = ThreadKernelRig()
                let (read, write) = try OpenDescriptor.pipe()
                let blocks = ControlBlocks([.poll(read.descriptor, for: UInt32(POLLIN))])
                guard blocks.submit(to: rig.kernel) == 1 else { exit(2) }
                _ = rig.kernel.wait(nanoseconds: 1)
                _ = blocks.cancel(0, on: rig.kernel)
                // Two of the test's own; the pipe and the epoll instance.
                guard ProcessCounters.openDescriptors() == before + 5 else { exit(3) }
                withExtendedLifetime((write, blocks)) {}
            }
            exit(ProcessCounters.openDescriptors() == before ? 0 : 4)
        }
    }
}
