import Glibc
import POSIXAIO
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("POSIXRequest")
struct POSIXRequestTests {
    private func waitFor(_ request: POSIXRequest) throws {
        while request.status == .inProgress {
            do { try POSIXRequest.suspend([request]) } catch RequestError.interrupted {}
        }
    }

    @Test("a read is submitted once and its result taken once", .timeLimit(.minutes(3)), arguments: [false, true])
    func readHasOneResult(_ direct: Bool) throws {
        let file = try PatternFile(size: 8192, seed: 3)
        let descriptor = try file.open(direct: direct)
        let request = POSIXRequest(reading: descriptor.descriptor, at: 4096, into: RequestBuffer(count: 4096))
        #expect(request.status == .notSubmitted)
        #expect(throws: RequestError.notSubmitted) { _ = try request.result().count }
        #expect(throws: RequestError.notSubmitted) { try POSIXRequest.suspend([request]) }
        #expect(throws: RequestError.notSubmitted) { _ = try request.cancel() }
        try request.submit()
        #expect(throws: RequestError.alreadySubmitted) { try request.submit() }
        try waitFor(request)
        #expect(try request.cancel() == .allDone)
        let result = try request.result()
        #expect(result.count == 4096 && result.buffer.bytes() == file.pattern.bytes(at: 4096, count: 4096))
        #expect(throws: RequestError.resultTaken) { _ = try request.result().count }
        #expect(request.status == .completed)
    }

    @Test("a failure is reported by status and result", .timeLimit(.minutes(3)))
    func failureIsReportedByStatusAndResult() throws {
        let request = POSIXRequest(reading: FileDescriptor(rawValue: -1), at: 0, into: RequestBuffer(count: 1))
        try request.submit()
        try waitFor(request)
        #expect(request.status == .failed(.badFileDescriptor))
        #expect(throws: RequestError.system(.badFileDescriptor)) { _ = try request.result().count }
        let wrong = POSIXRequest(reading: .standardInput, at: 0, into: RequestBuffer(count: 1), priority: 21)
        #expect(throws: RequestError.system(.invalidArgument)) { try wrong.submit() }
        let unopened = POSIXRequest(synchronizing: FileDescriptor(rawValue: 9999))
        #expect(throws: RequestError.system(.badFileDescriptor)) { try unopened.submit() }
        #expect(throws: RequestError.system(.badFileDescriptor)) {
            _ = try POSIXRequest.cancelAll(on: FileDescriptor(rawValue: 9999))
        }
    }

    @Test(
        "a read of an empty pipe waits, times out and is cancelled, and so are the requests that wait for it",
        .timeLimit(.minutes(3)))
    func waitingReadsAreCancelled() throws {
        let (reading, writing) = try FileDescriptor.pipe()
        defer { for end in [reading, writing] { try? end.close() } }
        let all = (0..<4).map { _ in POSIXRequest(reading: reading, at: 0, into: RequestBuffer(count: 4)) }
        for one in all { try one.submit() }
        #expect(throws: RequestError.timedOut) { try POSIXRequest.suspend(all, timeout: .milliseconds(5)) }
        #expect(try all[2].cancel() == .cancelled && all[2].status == .cancelled && all[1].status == .inProgress)
        #expect(throws: RequestError.system(.canceled)) { _ = try all[2].result().count }
        _ = try writing.writeAll("abcd".utf8)
        try waitFor(all[0])
        #expect(try all[0].result().buffer.bytes() == Array("abcd".utf8))
        // A request whose attempt is under way at this very moment may not be cancelled: it finds nothing, and waits.
        while try POSIXRequest.cancelAll(on: reading) == .notCancelled {}
        #expect(all[1].status == .cancelled && all[3].status == .cancelled)
    }

    @Test(
        "a list notifies once when all its requests have completed, and an fsync waits for them",
        .timeLimit(.minutes(3)))
    func listNotifiesOnce() async throws {
        let directory = try TemporaryDirectory.onDisk()
        let file = try OpenDescriptor(directory.path("list"), .readWrite, options: [.create, .append])
        let notifications = Mutex(0)
        let writes = (0..<20).map {
            POSIXRequest(writing: RequestBuffer(copying: [UInt8($0)]), to: file.descriptor, at: 0)
        }
        try POSIXRequest.submit(writes, .noWait(.callback { notifications.withLock { $0 += 1 } }))
        let barrier = POSIXRequest(synchronizing: file.descriptor, dataOnly: true)
        try barrier.submit()
        try waitFor(barrier)
        #expect(writes.allSatisfy { $0.status == .completed } && barrier.status == .completed)
        #expect(await eventually { notifications.withLock { $0 } == 1 })
        let read = POSIXRequest(reading: file.descriptor, at: 0, into: RequestBuffer(count: 64))
        try POSIXRequest.submit([nil, read])
        #expect(try read.result().buffer.bytes(20) == Array(0..<20))
        let bad = POSIXRequest(reading: FileDescriptor(rawValue: -1), at: 0, into: RequestBuffer(count: 1))
        #expect(throws: RequestError.system(.ioError)) { try POSIXRequest.submit([bad]) }
    }
}
