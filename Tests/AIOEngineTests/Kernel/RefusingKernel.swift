import AIOKernel
import CAIOShims
import Synchronization
import SystemPackage
import TestSupport

@testable import AIOEngine

/// A scripted kernel whose context cannot be made at first, and that notes each call that comes before it was made.
final class RefusingKernel: KernelInterface {
    let scripted: ScriptedKernel
    private let refusals: Mutex<[KernelError]>
    private let isPrepared = Atomic<Bool>(false)
    private let early = Mutex<[String]>([])
    private let depths = Mutex<[Int]>([])

    /// - Parameter refusals: thrown by the first calls of `prepare`, one by one.
    init(_ refusals: [KernelError], mode: ScriptedKernel.Mode = .automatic) throws {
        scripted = try ScriptedKernel(mode: mode)
        self.refusals = Mutex(refusals)
    }

    /// How often `prepare` was called.
    var preparations: Int { queueDepths.count }
    /// With how many permits `prepare` was called, each time.
    var queueDepths: [Int] { depths.withLock { $0 } }
    /// Calls that came before the kernel context was made. To be empty.
    var earlyCalls: [String] { early.withLock { $0 } }

    private func check(_ call: String) {
        if !isPrepared.load(ordering: .acquiring) { early.withLock { $0.append(call) } }
    }

    func prepare(queueDepth: Int) throws(KernelError) {
        depths.withLock { $0.append(queueDepth) }
        if let refusal = refusals.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw refusal }
        isPrepared.store(true, ordering: .releasing)
    }

    func withdraw() { isPrepared.store(false, ordering: .releasing) }

    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        check("submit")
        return scripted.submit(blocks)
    }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping { scripted.reap(into: events) }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        scripted.reap(into: events, timeoutNanoseconds: timeoutNanoseconds)
    }

    func wake() { scripted.wake() }

    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 {
        check("cancel")
        return scripted.cancel(block)
    }

    func destroy() {
        if isPrepared.load(ordering: .acquiring) { scripted.destroy() }
    }
}
