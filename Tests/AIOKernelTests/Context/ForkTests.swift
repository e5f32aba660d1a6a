import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

/// A context in a child after fork(2): every call fails there, and the parent's context is unharmed.
///
/// The child exits with the number of the first check that fails, or with 0, as expectations do not work in a
/// forked child.
@Suite struct ForkTests {
    @Test func everyCallFailsInTheChildAndTheParentIsUndisturbed() throws {
        let context = try KernelContext(capacity: 4)
        let wake = SharedWake()
        wake.event.signal()
        let memory = AlignedMemory(count: 64)
        let table = ControlBlockTable([.poll(wake.event.descriptor, for: readable, data: 5)])
        #expect(try context.put(table, 0..<1) == 1)

        let status = try inForkedChild {
            if context.belongsToThisProcess { return 1 }
            if !isForked(kernelError { () throws(KernelError) in _ = try context.put(table, 0..<1) }, .submit) {
                return 2
            }
            if !isForked(kernelError { () throws(KernelError) in _ = try context.cancel(table, 0) }, .cancel) {
                return 3
            }
            let events = kernelError { () throws(KernelError) in
                _ = try context.events(minimum: 0, maximum: 1, timeout: .zero)
            }
            if !isForked(events, .getEvents) { return 4 }
            // The ring is mapped, shared with the parent and shows its event, which must stay there.
            guard let ring = context.ring, ring.count == 1 else { return 5 }
            let events64 = memory.bytes.bindMemory(to: CompletionEvent.self)
            if ring.reap(into: events64) != 0 { return 6 }
            return ring.count == 1 ? 0 : 7
        }
        #expect(status == .exited(0))

        #expect(context.ring?.count == 1)
        #expect(try context.reapAll().map(\.data) == [5])
        #expect(try context.result(of: .poll(wake.event.descriptor, for: readable)) == Int(readable))
    }

    private func isForked(_ error: KernelError?, _ call: KernelError.Call) -> Bool {
        guard let error else { return false }
        return error.call == call && error.errno == .invalidArgument && error.advice.contains("fork")
    }

    @Test func destroyInTheChildIsRefusedAndLeavesTheParentsContext() throws {
        var context: KernelContext? = try KernelContext(capacity: 4)
        let status = try inForkedChild {
            guard let copy = context.take() else { return 1 }
            do throws(KernelError) {
                try copy.destroy()
                return 2
            } catch {
                return isForked(error, .destroy) ? 0 : 3
            }
        }
        #expect(status == .exited(0))
        guard let mine = context.take() else {
            Issue.record("the parent's context was lost with the child's copy")
            return
        }
        try check(mine)
        try mine.destroy()
    }

    @Test func droppingInTheChildLeavesTheParentsContext() throws {
        var context: KernelContext? = try KernelContext(capacity: 4)
        let status = try inForkedChild {
            context = nil
            return 0
        }
        #expect(status == .exited(0))
        guard let mine = context.take() else {
            Issue.record("the parent's context was lost with the child's copy")
            return
        }
        try check(mine)
    }

    /// A raw ID in the child: the kernel does not know it there.
    @Test func kernelRefusesTheParentsIDInTheChild() throws {
        let context = try KernelContext(capacity: 4)
        let identifier = context.identifier
        let status = try inForkedChild {
            if caio_destroy(identifier) != -Errno.invalidArgument.rawValue { return 1 }
            var event = caio_event()
            return caio_getevents(identifier, 0, 1, &event, 0) == -Int(Errno.invalidArgument.rawValue) ? 0 : 2
        }
        #expect(status == .exited(0))
        try check(context)
    }

    @Test func childCanMakeContextsOfItsOwn() throws {
        let context = try KernelContext(capacity: 4)
        let status = try inForkedChild {
            guard let own = try? KernelContext(capacity: 4) else { return 1 }
            if !own.belongsToThisProcess { return 2 }
            if context.belongsToThisProcess { return 3 }
            if own.identifier == context.identifier { return 4 }
            return (try? Self.works(own)) == true ? 0 : 5
        }
        #expect(status == .exited(0))
        try check(context)
    }

    @Test func grandchildIsNeitherTheParentNorTheChild() throws {
        let context = try KernelContext(capacity: 4)
        let status = try inForkedChild {
            guard let own = try? KernelContext(capacity: 4) else { return 1 }
            let status = try? inForkedChild {
                if context.belongsToThisProcess || own.belongsToThisProcess { return 2 }
                guard let third = try? KernelContext(capacity: 4) else { return 3 }
                if context.belongsToThisProcess || own.belongsToThisProcess { return 4 }
                return third.belongsToThisProcess ? 0 : 5
            }
            guard status == .exited(0) else { return 6 }
            return own.belongsToThisProcess && !context.belongsToThisProcess ? 0 : 7
        }
        #expect(status == .exited(0))
        try check(context)
    }

    @Test func markOfTheProcessIsTheSameOnEveryThreadAndAnotherInTheChild() async throws {
        let mark = caio_process_mark()
        #expect(mark != 0)
        #expect(try await onThread { caio_process_mark() } == mark)
        #expect(caio_process_is(mark))
        let status = try inForkedChild {
            if caio_process_is(mark) { return 1 }
            let own = caio_process_mark()
            return own != mark && own != 0 && caio_process_is(own) && !caio_process_is(mark) ? 0 : 2
        }
        #expect(status == .exited(0))
        #expect(caio_process_is(mark))
    }

    private func check(_ context: borrowing KernelContext) throws {
        #expect(context.belongsToThisProcess == true)
        #expect(try Self.works(context) == true)
    }

    private static func works(_ context: borrowing KernelContext) throws -> Bool {
        let wake = try WakeEvent()
        wake.signal()
        var table = ControlBlockTable(count: 1)
        table[0] = .poll(wake.descriptor, for: readable, data: 77)
        guard try context.put(table, 0..<1) == 1 else { return false }
        return try context.events(minimum: 1, maximum: 1, timeout: .seconds(10)).map(\.data) == [77]
    }
}
