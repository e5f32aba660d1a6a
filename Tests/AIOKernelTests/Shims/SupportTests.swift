import SystemPackage
import TestSupport
import Testing

/// Tests of the test support.
@Suite struct SupportTests {
    @Test func patternDependsOnEveryOffsetAndOnTheSeed() {
        let pattern = BytePattern(seed: 1)
        let bytes = pattern.bytes(at: 0, count: 1000)
        #expect(pattern.matches(bytes[300...], at: 300))
        for shift in 1...64 { #expect(!pattern.matches(bytes[..<64], at: Int64(shift))) }
        #expect(!BytePattern(seed: 2).matches(bytes, at: 0))
        #expect(pattern.matches([], at: 5))
    }

    @Test(arguments: [0, 1, 7, 8, 999])
    func oneWrongByteIsFoundWhereItIs(index: Int) {
        let pattern = BytePattern(seed: 9)
        var bytes = pattern.bytes(at: 12345, count: 1000)
        bytes[index] ^= 0x10
        #expect(bytes.withUnsafeBytes { pattern.firstMismatch(in: $0, at: 12345) } == index)
    }

    @Test func eventuallyGivesUpAtTheDeadlineAndReturnsWhenItHolds() async {
        #expect(await !eventually(within: .milliseconds(5)) { false })
        var calls = 0
        let held = await eventually {
            calls += 1
            return calls == 3
        }
        #expect(held)
        #expect(calls == 3)
    }

    @Test func eventuallyInACancelledTaskStillWatches() async {
        let task = Task {
            var calls = 0
            return await eventually {
                calls += 1
                return calls > 50
            }
        }
        task.cancel()
        #expect(await task.value)
    }

    @Test func processLockAdmitsOneTaskAtATime() async {
        let lock = ProcessLock()
        let inside = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await lock.withLock {
                        #expect(await inside.enter() == 1)
                        await Task.yield()
                        await inside.leave()
                    }
                }
            }
        }
        #expect(await inside.most == 1)
    }

    @Test func temporaryDirectoryIsRemovedWithItsContents() throws {
        var directory: TemporaryDirectory? = try .onDisk()
        let path = try #require(directory?.path)
        _ = try directory?.makeDirectory("inner")
        try PatternFile.write(BytePattern(seed: 1), size: 10, to: path.appending("inner").appending("file"))
        #expect(try OpenDescriptor(path.appending("inner").appending("file")).size() == 10)
        directory = nil
        #expect(throws: Errno.noSuchFileOrDirectory) { try OpenDescriptor(path) }
    }

    @Test func statusOfAForkedChildIsReturned() throws {
        #expect(try inForkedChild { 7 } == .exited(7))
        #expect(try inForkedChild { killMyself() } == .signalled(9))
    }

    @Test func forkedChildThatHangsIsKilled() throws {
        #expect(try inForkedChild(seconds: 1) { sleepForEver() } == .signalled(14))
    }

    @Test func commandReturnsStatusAndText() throws {
        let output = try Command.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(output.status == 3)
        #expect(output.text == "out\nerr\n")
        #expect(throws: Errno.self) { try Command.run(["no-such-program-anywhere"]) }
    }
}

private actor Counter {
    private var count = 0
    private(set) var most = 0

    func enter() -> Int {
        count += 1
        most = max(most, count)
        return count
    }

    func leave() { count -= 1 }
}
