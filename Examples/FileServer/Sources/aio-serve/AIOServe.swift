public import ArgumentParser
import FileServing
import Glibc
import Logging
import SystemPackage

@main
struct AIOServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aio-serve",
        abstract: "Serves the files of a directory over HTTP/1.1.",
        discussion: "Metrics are at /-/metrics, health at /-/health. SIGTERM and Ctrl-C end it in order.")

    @Argument(help: "The directory.")
    var root = "."

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 for any that is free.")
    var port = 8080

    @Option(help: "Seconds that responses may take to end after SIGTERM.")
    var drain = 30

    @Option(help: "Event loops of the AIO context, each with a thread.")
    var loops = 1

    @Option(name: .customLong("queue-depth"), help: "Operations in flight at once, for each context.")
    var queueDepth = 256

    @Option(help: "What files are read through: engine, or nio to compare with NIOFileSystem.")
    var reader = FileServer.Reader.engine

    @Flag(help: "Log what happens.")
    var verbose = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("the port is 0 … 65535") }
        guard drain > 0 else { throw ValidationError("drain takes a second at least") }
    }

    func run() async throws {
        var configuration = FileServer.Configuration(root: FilePath(root))
        configuration.host = host
        configuration.port = port
        configuration.drainTimeout = .seconds(drain)
        configuration.loops = loops
        configuration.queueDepth = queueDepth
        configuration.reader = reader
        configuration.onListening = { [root, host] port in
            print("serving \(root) at http://\(host):\(port)/")
            // Flushed, as the parent process may read the port from a pipe.
            fflush(nil)
        }
        var logger = Logger(label: "aio-serve") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .warning
        try await FileServer(configuration, logger: logger).run()
    }
}

extension FileServer.Reader: ExpressibleByArgument {}
