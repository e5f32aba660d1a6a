import AIO
import ArgumentParser
import CopyProgress
import Glibc
import StandardDescriptors
import SystemPackage

@main
struct AIOCopy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aio-cp",
        abstract: "Copies a file, many chunks at once, with a progress bar.",
        discussion: """
            Holes stay holes, and the mode is kept. Ctrl-C, an error or a full disk leave no partial copy behind, \
            unless the destination existed before: that is left as far as it was written.
            """)

    @Argument(help: "The file to copy.")
    var source: String

    @Argument(help: "Where to: a file, or a directory to copy it into.")
    var destination: String

    @Option(help: "Bytes of one read or write.")
    var chunk = 1 << 20

    @Option(name: .customLong("in-flight"), help: "Chunks under way at once.")
    var inFlight = 8

    @Flag(inversion: .prefixedNo, help: "Draw a progress bar; without either, where standard error is a terminal.")
    var progress: Bool?

    @Flag(name: .shortAndLong, help: "Print what was copied.")
    var verbose = false

    func run() async throws {
        occupyStandardDescriptors()
        let from = FilePath(source)
        let to = try target(for: from)
        let display = ProgressDisplay(isShown: progress)
        let start = ContinuousClock.now
        let (signalsAreHandled, handlesSignals) = AsyncStream.makeStream(of: Never.self)
        let copy = Task {
            // The copy begins only after the signals are handled: their default action would leave a partial copy
            // behind.
            for await _ in signalsAreHandled {}
            return try await withAIOContext { context in
                try await copyFile(from: from, to: to, chunkLength: chunk, inFlight: inFlight, on: context) {
                    display.update(done: $0, total: $1)
                }
            }
        }
        let interruption = Interruption { copy.cancel() }
        defer { interruption.end() }
        handlesSignals.finish()
        do {
            let count = try await copy.value
            display.end()
            if verbose { print(summary(from, to, count, ContinuousClock.now - start)) }
        } catch is CancellationError {
            display.end()
            complain("interrupted; \(to) is no copy")
            throw ExitCode(130)
        } catch {
            display.end()
            complain("\(error)")
            throw ExitCode(1)
        }
    }

    /// Returns the path of the copy: in a directory the same name, as with cp(1).
    private func target(for source: FilePath) throws -> FilePath {
        let path = FilePath(destination)
        guard let directory = try? FileDescriptor.open(path, .readOnly, options: .directory) else {
            // FilePath drops the slash, and the copy would be a file of that name.
            guard destination.hasSuffix("/") else { return path }
            complain("\(destination) is no directory; make it first, or leave the slash away")
            throw ExitCode(1)
        }
        try directory.close()
        guard let name = source.lastComponent else {
            complain("\(source) has no name to copy it under")
            throw ExitCode(1)
        }
        return path.appending(name)
    }

    private func summary(_ from: FilePath, _ to: FilePath, _ count: Int64, _ time: Duration) -> String {
        let seconds = time / .seconds(1)
        let rate = seconds > 0 ? ProgressBar.size(Double(count) / seconds) : "-"
        return "\(from) -> \(to): \(ProgressBar.size(count)), \(rate)/s"
    }

    private func complain(_ text: String) { _ = "aio-cp: \(text)\n".withCString { write(2, $0, strlen($0)) } }
}
