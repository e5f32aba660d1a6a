internal import AIOKernel
internal import CAIOShims

extension CompletionEvent {
    init(of submission: ScriptedKernel.Submission, result: Int) {
        self.init(data: submission.block.data, address: submission.address, result: result)
    }

    init(data: UInt64, address: UInt, result: Int) {
        self.init()
        raw.data = data
        raw.object = UInt64(address)
        raw.result = Int64(result)
    }
}
