internal import Glibc

/// To be called first of all. Where standard input, output or error is closed, the next file that is opened would get
/// its number: messages would go into a copy, and a kernel context's eventfd would be read as input. This takes the
/// numbers, so that reading and writing there fails as on a closed one.
public func occupyStandardDescriptors() {
    // In this order open(2), which takes the lowest number, gets the one that is missing.
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
        _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
}
