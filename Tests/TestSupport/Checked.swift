internal import SystemPackage

/// Returns the value, or throws the error that a negative one stands for.
func checked(_ result: Int32) throws -> Int32 {
    guard result >= 0 else { throw Errno(rawValue: -result) }
    return result
}
