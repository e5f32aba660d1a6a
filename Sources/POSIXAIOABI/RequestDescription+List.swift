internal import CPOSIXAIO
internal import POSIXAIO

extension RequestDescription.Kind {
    /// Returns the kind for an opcode of a list. Any other number makes a request that fails with EINVAL.
    static func listed(_ operation: Int32) -> Self {
        switch Int(operation) {
        case PXA_LIST_READ: .read
        case PXA_LIST_WRITE: .write
        default: .unknown
        }
    }
}
