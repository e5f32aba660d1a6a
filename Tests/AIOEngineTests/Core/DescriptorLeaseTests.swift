import Dispatch
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

@Suite struct DescriptorLeaseTests {
    @Test func closesAtOnceWhenNothingIsUnderWay() async throws {
        let (pipe, heard) = (try LeasedPipe(), Heard())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        #expect(!lease.isClosed)
        lease.close(then: heard.completion)
        #expect(lease.isClosed)
        #expect(try await heard.wait(for: 1) == [0])
        #expect(pipe.isClosed)
    }

    @Test(arguments: [1, 2, 5]) func closesAfterTheLastOperation(operations: Int) async throws {
        let (pipe, heard) = (try LeasedPipe(), Heard())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        for _ in 0..<operations { #expect(lease.beginUse()) }
        lease.close(then: heard.completion)
        for _ in 1..<operations { lease.endUse() }
        // What is still under way keeps it open, and latecomers do not close it in passing.
        #expect(!lease.beginUse())
        #expect(!pipe.isClosed)
        #expect(heard.results.withLock { $0.isEmpty })
        lease.endUse()
        #expect(try await heard.wait(for: 1) == [0])
        #expect(pipe.isClosed)
    }

    @Test func letsOperationsComeAndGoBeforeItIsClosed() async throws {
        let (pipe, heard) = (try LeasedPipe(), Heard())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        for _ in 0..<3 {
            #expect(lease.beginUse())
            lease.endUse()
        }
        #expect(!lease.isClosed)
        #expect(!pipe.isClosed)
        lease.close(then: heard.completion)
        #expect(try await heard.wait(for: 1) == [0])
    }

    @Test func tellsEveryCloserTheSame() async throws {
        let (pipe, heard) = (try LeasedPipe(), Heard())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        #expect(lease.beginUse())
        for _ in 0..<3 { lease.close(then: heard.completion) }
        lease.close()
        lease.endUse()
        #expect(try await heard.wait(for: 3) == [0, 0, 0])
        // And who comes afterwards hears it on the spot.
        lease.close(then: heard.completion)
        #expect(heard.results.withLock { $0 } == [0, 0, 0, 0])
    }

    @Test func tellsEveryCloserTheErrorOfClose() async throws {
        let heard = Heard()
        let lease = DescriptorLease(-1, ownsDescriptor: true)
        #expect(lease.beginUse())
        lease.close(then: heard.completion)
        lease.close(then: heard.completion)
        lease.endUse()
        let badDescriptor = -Int(Errno.badFileDescriptor.rawValue)
        #expect(try await heard.wait(for: 2) == [badDescriptor, badDescriptor])
        lease.close(then: heard.completion)
        #expect(heard.results.withLock { $0.last } == badDescriptor)
    }

    @Test func leavesOpenWhatItDoesNotOwn() throws {
        let (pipe, heard) = (try LeasedPipe(), Heard())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: false)
        #expect(lease.beginUse())
        lease.close(then: heard.completion)
        #expect(heard.results.withLock { $0.isEmpty })
        lease.endUse()
        #expect(heard.results.withLock { $0 } == [0])
        #expect(!lease.beginUse())
        #expect(!pipe.isClosed)
        try FileDescriptor(rawValue: pipe.writeEnd).close()
    }

    @Test func livesUntilItsDescriptorIsClosed() async throws {
        let (pipe, heard) = (try LeasedPipe(), Heard())
        var lease: DescriptorLease? = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        lease?.close(then: heard.completion)
        lease = nil
        #expect(try await heard.wait(for: 1) == [0])
        #expect(pipe.isClosed)
    }

    /// Beginners, enders and closers at once, many times: open for whoever was let in, closed once. The next
    /// round's pipe gets the same number, so that a second close would be seen there.
    @Test func isClosedOnceInAStorm() async throws {
        for round in 0..<150 {
            let (pipe, heard) = (try LeasedPipe(writeEndFrom: 700), Heard())
            let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
            let foundClosed = Atomic<Int>(0)
            try await onThread {
                DispatchQueue.concurrentPerform(iterations: 6) { thread in
                    for step in 0..<60 {
                        if thread < 2, step == 20 + round % 20 { lease.close(then: heard.completion) }
                        guard lease.beginUse() else { continue }
                        if fcntl(pipe.writeEnd, F_GETFD) < 0 { foundClosed.add(1, ordering: .relaxed) }
                        lease.endUse()
                    }
                }
            }
            #expect(foundClosed.load(ordering: .relaxed) == 0)
            #expect(try await heard.wait(for: 2) == [0, 0])
            #expect(pipe.isClosed)
        }
    }

    @Test func doesNotCloseTheNumbersNextOwner() async throws {
        // From where no other test takes one.
        let (pipe, heard) = (try LeasedPipe(writeEndFrom: 900), Heard())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        lease.close(then: heard.completion)
        #expect(try await heard.wait(for: 1) == [0])
        let next = try LeasedPipe(writeEndFrom: 900)
        #expect(next.writeEnd == pipe.writeEnd)
        for _ in 0..<100 {
            #expect(!lease.beginUse())
            lease.close(then: heard.completion)
        }
        #expect(heard.results.withLock { $0 } == Array(repeating: 0, count: 101))
        #expect(!next.isClosed)
        try FileDescriptor(rawValue: next.writeEnd).close()
    }
}
