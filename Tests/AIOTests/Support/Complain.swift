import Glibc

/// Writes a line to standard error, for child processes, which have no test to report to.
func complain(_ text: String) { _ = "\(text)\n".withCString { write(2, $0, strlen($0)) } }
