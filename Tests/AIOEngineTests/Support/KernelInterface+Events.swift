import AIOKernel
import TestSupport

@testable import AIOEngine

extension KernelInterface {
    /// Reaps without waiting.
    func events() -> [Reaped] { collect { reap(into: $0) }.events }

    /// Reaps at least one event, or returns after the timeout; a negative one means no limit.
    func wait(nanoseconds: Int64) -> (result: Int, events: [Reaped]) {
        collect { reap(into: $0, timeoutNanoseconds: nanoseconds) }
    }

    private func collect(
        _ call: (UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping
    ) -> (result: Int, events: [Reaped]) {
        var buffer = [CompletionEvent](repeating: CompletionEvent(), count: 16)
        let result = buffer.withUnsafeMutableBufferPointer { call($0) }.count
        return (result, buffer.prefix(max(0, result)).map { Reaped($0.data, $0.result) })
    }
}
