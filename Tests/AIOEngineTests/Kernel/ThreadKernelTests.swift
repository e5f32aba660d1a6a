import AIOKernel
import CAIOShims
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Blocks on threads in the kernel's place.
@Suite struct ThreadKernelTests {
    @Test(arguments: [false, true]) func movesTheBytesOfReadsAndWrites(direct: Bool) throws {
        let source = try PatternFile(size: 1 << 16, seed: 21)
        let file = try source.open(.readWrite, direct: direct)
        let rig = ThreadKernelRig()
        let (whole, halves) = (AlignedMemory(count: 8192), [AlignedMemory(count: 4096), AlignedMemory(count: 4096)])
        let vectors = halves.map { caio_iovec(iov_base: $0.bytes.baseAddress, iov_len: 4096) }
        let fresh = AlignedMemory(BytePattern(seed: 22), at: 0, count: 4096)
        let written = [caio_iovec(iov_base: fresh.bytes.baseAddress, iov_len: 4096)]
        let results = vectors.withUnsafeBufferPointer { vectors in
            written.withUnsafeBufferPointer { written in
                rig.results([
                    .read(file.descriptor, into: whole.bytes, at: 4096),
                    .readVectors(file.descriptor, into: vectors, at: 16384),
                    .write(file.descriptor, from: fresh.readOnly, at: 0),
                    .writeVectors(file.descriptor, from: written, at: 8192),
                    .synchronize(file.descriptor, dataOnly: false), .synchronize(file.descriptor, dataOnly: true),
                    .read(file.descriptor, into: whole.bytes, at: 1 << 20),
                ])
            }
        }
        #expect(results == [8192, 8192, 4096, 4096, 0, 0, 0])
        #expect(source.pattern.firstMismatch(in: whole.readOnly, at: 4096) == nil)
        for (half, offset) in zip(halves, [Int64(16384), 20480]) {
            #expect(source.pattern.firstMismatch(in: half.readOnly, at: offset) == nil)
        }
        for offset in [Int64(0), 8192] {
            let back = AlignedMemory(count: 4096)
            #expect(rig.results([.read(file.descriptor, into: back.bytes, at: offset)]) == [4096])
            #expect(BytePattern(seed: 22).firstMismatch(in: back.readOnly, at: 0) == nil)
        }
    }

    @Test func refusalsAreTheSystemCalls() throws {
        let source = try PatternFile(size: 4096, seed: 23)
        let file = try source.open(.readOnly)
        let memory = AlignedMemory(count: 4096)
        var unknown = ControlBlock.read(file.descriptor, into: memory.bytes, at: 0)
        unknown.raw.opcode = 99
        let closed = FileDescriptor(rawValue: 1 << 20)
        let results = ThreadKernelRig().results([
            .write(file.descriptor, from: memory.readOnly, at: 0), .read(closed, into: memory.bytes, at: 0),
            .synchronize(closed, dataOnly: false), unknown,
        ])
        #expect(results == [EBADF, EBADF, EBADF, EINVAL].map { -Int($0) })
    }

    @Test func asksForAThreadForEachBlockAndForNoneForPolls() throws {
        let rig = ThreadKernelRig(calls: HeldCalls())
        let (read, write) = try OpenDescriptor.pipe()
        let blocks = ControlBlocks([
            .read(1), .poll(read.descriptor, for: UInt32(POLLIN)), .synchronize(2),
        ])
        #expect(blocks.submit(to: rig.kernel) == 3)
        #expect(rig.demand == 2)
        withExtendedLifetime((write, blocks)) {}
    }

    @Test func whatNoThreadHasBegunIsCancelled() throws {
        let calls = HeldCalls()
        calls.gate.open()
        let rig = ThreadKernelRig(calls: calls)
        let blocks = ControlBlocks([.read(1), .read(2), .read(3)])
        #expect(blocks.submit(to: rig.kernel) == 3)
        #expect(blocks.cancel(1, on: rig.kernel) == -EINPROGRESS)
        #expect(blocks.cancel(1, on: rig.kernel) == -EINVAL)
        #expect(rig.kernel.events() == [Reaped(2, -Int(ECANCELED))])
        #expect((rig.runNext(), rig.runNext(), rig.runNext()) == (Reaped(1, 512), Reaped(3, 512), nil))
        #expect(blocks.cancel(0, on: rig.kernel) == -EINVAL)
        #expect(calls.run == [1, 3])
        #expect(rig.kernel.events() == [])
        withExtendedLifetime(blocks) {}
    }

    @Test func whatAThreadHasBegunIsNotCancelled() async throws {
        let calls = HeldCalls()
        let rig = ThreadKernelRig(calls: calls)
        let blocks = ControlBlocks([.read(1)])
        #expect(blocks.submit(to: rig.kernel) == 1)
        async let result = onThread { rig.runNext() }
        try await calls.gate.waitUntilEntered()
        #expect(blocks.cancel(0, on: rig.kernel) == -EINVAL)
        calls.gate.open()
        #expect(try await result == Reaped(1, 512))
        withExtendedLifetime(blocks) {}
    }

    @Test(arguments: [1, 1000]) func manyAreCancelledInAnyOrder(count: Int) throws {
        let rig = ThreadKernelRig(calls: HeldCalls())
        let blocks = ControlBlocks((0..<count).map { .read(UInt64($0)) })
        #expect(blocks.submit(to: rig.kernel) == count)
        var order = Array(0..<count)
        var generator = SplitMix64(seed: 5)
        order.shuffle(using: &generator)
        for index in order { #expect(blocks.cancel(index, on: rig.kernel) == -EINPROGRESS) }
        var events: [Reaped] = []
        while rig.kernel.eventCount > 0 { events += rig.kernel.events() }
        #expect(events == order.map { Reaped(UInt64($0), -Int(ECANCELED)) })
        #expect(rig.runNext() == nil)
        withExtendedLifetime(blocks) {}
    }

    @Test func withoutAnyThreadTheSubmitterRunsTheBlocks() throws {
        let calls = HeldCalls()
        calls.gate.open()
        let rig = ThreadKernelRig(calls: calls, hasThreads: false)
        let blocks = ControlBlocks([.read(1), .read(2)])
        #expect(blocks.submit(to: rig.kernel) == 2)
        #expect(rig.kernel.eventCount > 0)
        #expect(rig.kernel.events() == [Reaped(1, 512), Reaped(2, 512)])
        #expect(rig.kernel.eventCount == 0)
        withExtendedLifetime(blocks) {}
    }

    // MARK: Waking

    @Test func wakeBeforeASleepEndsIt() throws {
        let rig = ThreadKernelRig()
        rig.kernel.wake()
        rig.kernel.wake()
        let sleep = try rig.sleeper().outcome()
        #expect((sleep.reaping, sleep.wasWoken) == (0, true))
        // Once.
        let next = try rig.sleeper(nanoseconds: 1_000_000).outcome()
        #expect((next.reaping, next.wasWoken) == (0, false))
    }

    @Test(arguments: [false, true]) func wakeEndsASleep(withPoll: Bool) throws {
        let rig = ThreadKernelRig()
        let (read, write) = try OpenDescriptor.pipe()
        let blocks = ControlBlocks([.poll(read.descriptor, for: UInt32(POLLIN))])
        if withPoll { #expect(blocks.submit(to: rig.kernel) == 1) }
        for _ in 0..<200 {
            let sleeper = rig.sleeper()
            rig.kernel.wake()
            let sleep = try sleeper.outcome()
            #expect((sleep.reaping, sleep.wasWoken) == (0, true))
        }
        withExtendedLifetime((write, blocks)) {}
    }

    @Test(arguments: [false, true]) func cancelledBlockEndsASleep(poll: Bool) throws {
        let rig = ThreadKernelRig(calls: HeldCalls())
        let (read, write) = try OpenDescriptor.pipe()
        let blocks = ControlBlocks([poll ? .poll(read.descriptor, for: UInt32(POLLIN), data: 9) : .read(9)])
        #expect(blocks.submit(to: rig.kernel) == 1)
        let sleeper = rig.sleeper()
        #expect(blocks.cancel(0, on: rig.kernel) == -EINPROGRESS)
        #expect(try sleeper.outcome().events == [Reaped(9, -Int(ECANCELED))])
        withExtendedLifetime((write, blocks)) {}
    }

    /// What ended one sleep must not end the next one as well.
    @Test func sleepAfterAnEventLasts() throws {
        let rig = ThreadKernelRig()
        let (first, second) = (try OpenDescriptor.pipe(), try OpenDescriptor.pipe())
        let blocks = ControlBlocks([
            .poll(first.read.descriptor, for: UInt32(POLLIN), data: 1),
            .poll(second.read.descriptor, for: UInt32(POLLIN), data: 2),
        ])
        #expect(blocks.submit(to: rig.kernel) == 2)
        let sleeper = rig.sleeper()
        _ = try first.write.descriptor.writeAll([1])
        #expect(try sleeper.outcome().events == [Reaped(1, Int(POLLIN))])
        let start = caio_monotonic_ns()
        let next = try rig.sleeper(nanoseconds: 50_000_000).outcome()
        #expect((next.reaping, next.wasWoken) == (0, false))
        #expect(caio_monotonic_ns() - start >= 50_000_000)
        withExtendedLifetime((second.write, blocks)) {}
    }
}
