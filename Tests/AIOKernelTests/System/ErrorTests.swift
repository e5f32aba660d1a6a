import AIOKernel
import SystemPackage
import Testing

@Suite struct ErrorTests {
    @Test func descriptionNamesCallErrnoAndAdvice() {
        let plain = KernelError(.submit, .badFileDescriptor)
        #expect(plain.description == "io_submit: Bad file descriptor (errno 9)")
        let advised = KernelError(.eventfd, .tooManyOpenFiles, advice: "close some")
        #expect(advised.description == "eventfd: Too many open files (errno 24): close some")
    }

    /// Errors that this kernel does not return: those of sandboxes and of kernels built without AIO.
    @Test(arguments: [
        (Errno.noFunction, "CONFIG_AIO"), (.notPermitted, "seccomp"), (.noMemory, "ring of 77 events"),
        (.invalidArgument, "the capacity, 77, must be"), (.resourceTemporarilyUnavailable, "77 events were asked for"),
    ])
    func setupErrorAdvisesWhatHelps(errno: Errno, part: String) {
        let error = KernelError.setup(errno, capacity: 77)
        #expect(error.errno == errno)
        #expect(error.description.hasPrefix("io_setup: "))
        #expect(error.advice.contains(part))
    }

    @Test func unknownSetupErrorHasNoAdvice() {
        #expect(KernelError.setup(.badAddress, capacity: 1).advice == "")
    }
}
