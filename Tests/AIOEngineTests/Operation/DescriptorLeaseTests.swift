import Dispatch
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

@Suite struct DescriptorLeaseTests {
    @Test func closesAtOnceWhenNothingIsInFlight() async throws {
        let (pipe, results) = (try LeasedPipe(), CloseResults())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        #expect(!lease.isClosed)
        lease.close(then: results.completion)
        #expect(lease.isClosed)
        #expect(try await results.wait(for: 1) == [0])
        #expect(pipe.isClosed)
    }

    @Test(arguments: [1, 2, 5]) func closesAfterTheLastOperation(operations: Int) async throws {
        let (pipe, results) = (try LeasedPipe(), CloseResults())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        for _ in 0..<operations { #expect(lease.beginUse()) }
        lease.close(then: results.completion)
        for _ in 1..<operations { lease.endUse() }
        // The operation still in flight keeps it open, and a later attempt to begin one does not close it.
        #expect(!lease.beginUse())
        #expect(!pipe.isClosed)
        #expect(results.all.withLock { $0.isEmpty })
        lease.endUse()
        #expect(try await results.wait(for: 1) == [0])
        #expect(pipe.isClosed)
    }

    @Test func staysOpenAfterOperationsUntilItIsClosed() async throws {
        let (pipe, results) = (try LeasedPipe(), CloseResults())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        for _ in 0..<3 {
            #expect(lease.beginUse())
            lease.endUse()
        }
        #expect(!lease.isClosed)
        #expect(!pipe.isClosed)
        lease.close(then: results.completion)
        #expect(try await results.wait(for: 1) == [0])
    }

    @Test func reportsTheSameResultToEveryCloser() async throws {
        let (pipe, results) = (try LeasedPipe(), CloseResults())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        #expect(lease.beginUse())
        for _ in 0..<3 { lease.close(then: results.completion) }
        lease.close()
        lease.endUse()
        #expect(try await results.wait(for: 3) == [0, 0, 0])
        // A close after that calls back at once.
        lease.close(then: results.completion)
        #expect(results.all.withLock { $0 } == [0, 0, 0, 0])
    }

    @Test func reportsTheErrorOfCloseToEveryCloser() async throws {
        let results = CloseResults()
        let lease = DescriptorLease(-1, ownsDescriptor: true)
        #expect(lease.beginUse())
        lease.close(then: results.completion)
        lease.close(then: results.completion)
        lease.endUse()
        let badDescriptor = -Int(Errno.badFileDescriptor.rawValue)
        #expect(try await results.wait(for: 2) == [badDescriptor, badDescriptor])
        lease.close(then: results.completion)
        #expect(results.all.withLock { $0.last } == badDescriptor)
    }

    @Test func leavesOpenWhatItDoesNotOwn() throws {
        let (pipe, results) = (try LeasedPipe(), CloseResults())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: false)
        #expect(lease.beginUse())
        lease.close(then: results.completion)
        #expect(results.all.withLock { $0.isEmpty })
        lease.endUse()
        #expect(results.all.withLock { $0 } == [0])
        #expect(!lease.beginUse())
        #expect(!pipe.isClosed)
        try FileDescriptor(rawValue: pipe.writeEnd).close()
    }

    @Test func livesUntilItsDescriptorIsClosed() async throws {
        let (pipe, results) = (try LeasedPipe(), CloseResults())
        var lease: DescriptorLease? = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        lease?.close(then: results.completion)
        lease = nil
        #expect(try await results.wait(for: 1) == [0])
        #expect(pipe.isClosed)
    }

    /// Six threads begin and end uses, two of them also close: the descriptor is open during every use and is
    /// closed once. The next round's pipe gets the same number, so that a second close would be seen there.
    @Test func isClosedOnceUnderConcurrentUseAndClose() async throws {
        for round in 0..<150 {
            let (pipe, results) = (try LeasedPipe(writeEndFrom: 700), CloseResults())
            let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
            let foundClosed = Atomic<Int>(0)
            try await onThread {
                DispatchQueue.concurrentPerform(iterations: 6) { thread in
                    for step in 0..<60 {
                        if thread < 2, step == 20 + round % 20 { lease.close(then: results.completion) }
                        guard lease.beginUse() else { continue }
                        if fcntl(pipe.writeEnd, F_GETFD) < 0 { foundClosed.add(1, ordering: .relaxed) }
                        lease.endUse()
                    }
                }
            }
            #expect(foundClosed.load(ordering: .relaxed) == 0)
            #expect(try await results.wait(for: 2) == [0, 0])
            #expect(pipe.isClosed)
        }
    }

    @Test func doesNotCloseTheNumbersNextOwner() async throws {
        // A range of descriptor numbers that no other test uses.
        let (pipe, results) = (try LeasedPipe(writeEndFrom: 900), CloseResults())
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        lease.close(then: results.completion)
        #expect(try await results.wait(for: 1) == [0])
        let next = try LeasedPipe(writeEndFrom: 900)
        #expect(next.writeEnd == pipe.writeEnd)
        for _ in 0..<100 {
            #expect(!lease.beginUse())
            lease.close(then: results.completion)
        }
        #expect(results.all.withLock { $0 } == Array(repeating: 0, count: 101))
        #expect(!next.isClosed)
        try FileDescriptor(rawValue: next.writeEnd).close()
    }
}
