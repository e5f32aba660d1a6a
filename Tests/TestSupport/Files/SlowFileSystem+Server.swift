internal import CTestSupport
internal import Glibc
internal import SystemPackage

extension SlowFileSystem {
    /// The process that serves the file system, and the socket that carries commands to it.
    struct Server: Sendable {
        let process: Int32
        let control: OpenDescriptor

        /// Starts the process and waits for the mount.
        init(_ arguments: [String]) throws {
            var ends: [Int32] = [-1, -1]
            _ = try checked(test_socket_pair(&ends, 20))
            control = OpenDescriptor(FileDescriptor(rawValue: ends[0]))
            let theirs = OpenDescriptor(FileDescriptor(rawValue: ends[1]))
            process = try checked(Command.spawn(arguments, in: theirs.descriptor.rawValue, out: 2, err: 2))
            do {
                guard try readReply() == "ready" else { throw ToolFailure(tool: "slowfs", text: "no mount") }
            } catch {
                kill(process, SIGKILL)
                _ = test_wait(process)
                throw error
            }
        }

        func command(_ line: String) throws -> String {
            let bytes = Array("\(line)\n".utf8)
            guard test_send(control.descriptor.rawValue, bytes, bytes.count) == bytes.count else {
                throw ToolFailure(tool: "slowfs", text: "the server is gone")
            }
            return try readReply()
        }

        /// Reads one line. The socket's time limit keeps a dead server from holding up the test.
        private func readReply() throws -> String {
            var line: [UInt8] = []
            var byte: UInt8 = 0
            while true {
                let count = try withUnsafeMutableBytes(of: &byte) { try control.descriptor.read(into: $0) }
                guard count == 1 else { throw ToolFailure(tool: "slowfs", text: "the server is gone") }
                if byte == UInt8(ascii: "\n") { break }
                line.append(byte)
            }
            let text = String(decoding: line, as: UTF8.self)
            guard !text.hasPrefix("error") else { throw ToolFailure(tool: "slowfs", text: text) }
            return text
        }

        /// Stops the server, by SIGKILL if it does not exit within 5 seconds, and leaves no mount behind.
        func stop(unmounting mountPoint: FilePath) {
            _ = try? command("stop")
            let deadline = ContinuousClock.now + .seconds(5)
            while test_wait_now(process) == -EAGAIN {
                if ContinuousClock.now > deadline {
                    kill(process, SIGKILL)
                    _ = test_wait(process)
                    break
                }
                usleep(1000)
            }
            // Either it is unmounted already, or nothing serves it any more.
            _ = test_unmount(mountPoint.string, 1)
        }
    }
}
