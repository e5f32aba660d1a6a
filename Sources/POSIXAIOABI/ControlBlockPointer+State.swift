internal import CPOSIXAIO

extension ControlBlockPointer {
    /// The address of the two fields that are written.
    var state: UnsafeMutablePointer<pxa_state> {
        pxa_block_state(self)
    }
}
