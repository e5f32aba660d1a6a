import AIOKernel

/// Returns the error that `body` throws, or nil.
func kernelError(_ body: () throws(KernelError) -> Void) -> KernelError? {
    do { try body() } catch { return error }
    return nil
}
