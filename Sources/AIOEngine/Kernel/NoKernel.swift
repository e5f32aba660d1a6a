internal import AIOKernel
internal import CAIOShims
internal import Glibc

/// What stands where no kernel context can be, not even the wake-up event of one: threads have taken its place from the
/// start.
final class NoKernel: KernelInterface {
    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int { -Int(ENOSYS) }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping { Reaping(0) }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        Reaping(-Int(ENOSYS))
    }
    func wake() {}
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { -EINVAL }
    func destroy() {}
}
