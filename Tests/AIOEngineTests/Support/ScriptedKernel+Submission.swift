import AIOKernel
import CAIOShims
import TestSupport

extension ScriptedKernel.Submission {
    /// The number of an operation that the rig started with `ControlBlock.numbered`.
    var number: Int { Int(block.raw.offset) }
}
