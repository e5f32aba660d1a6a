internal import Glibc

/// Occupies the descriptors of standard input, output and error where those are closed. A program calls it before it
/// opens any file: the next file would get the number of a closed one, so that messages would go into a copy, and a
/// context's eventfd would be read as input. Reads and writes of an occupied descriptor fail as those of a closed one
/// do.
public func occupyStandardDescriptors() {
    // In this order open(2), which uses the lowest free number, gets the missing one.
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
        _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
}
