internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc

extension EngineLoop {
    /// How many iocbs one io_submit takes at most: past this nothing is saved per operation, while the first ones wait
    /// for the rest to be built.
    static var batchCapacity: Int { 256 }

    /// Submits queued operations, unless another thread does or the kernel had no room a moment ago.
    func submit() {
        let submits = core.withLock { core in
            core.hasSubmittable && !core.isStalled && core.takeSubmitterRole()
        }
        if submits { submitQueued() }
    }

    /// How many batches one thread submits in a row. What others have added by then is the loop's: nobody is kept submitting
    /// for others without end.
    static var batchLimit: Int { 8 }

    /// Submits queued operations until there are none, or no permit, or others have added enough. For the thread that set
    /// ``LoopCore/isSubmitting``; it is cleared on the way out.
    func submitQueued() {
        var left = Self.batchLimit
        var count = withCore { $0.dequeueBatchOrStop(into: batch) }
        while count > 0 {
            left -= 1
            count = submit(count, isLast: left <= 0)
        }
    }

    /// Calls io_submit for the first `count` blocks of the batch, and acts on its result.
    ///
    /// - Parameter isLast: no other batch is begun after this one.
    /// - Returns: how many blocks of the batch, from the first on, are to be submitted next.
    private func submit(_ count: Int, isLast: Bool) -> Int {
        let result = submitToKernel(UnsafeMutableBufferPointer(rebasing: batch[..<count]))
        if result == -Int(EINTR) { return count }
        // Allocates only where an operation was refused.
        var completions: [PendingCompletion] = []
        let now = result < 0 ? clock.now() : 0
        let (next, actions) = withCore {
            $0.submitted(batch, count, result: result, at: now, isLast: isLast, &completions)
        }
        perform(actions)
        for completion in completions { completion.deliver() }
        return next
    }
}
