internal import AIO
internal import AIOServices
internal import Hummingbird
public import Logging
internal import Metrics
internal import NIOCore
internal import PrometheusText
internal import ServiceLifecycle
public import SystemPackage
internal import UnixSignals

/// The whole program: context, server, metrics, and their orderly end.
public struct FileServer: Sendable {
    public struct Configuration: Sendable {
        public var root: FilePath
        public var host = "127.0.0.1"
        /// The port; 0 for any that is free.
        public var port = 8080
        /// How long responses may take once the shutdown has begun.
        public var drainTimeout: Duration = .seconds(30)
        /// Event loops of the context, each with its own ring and thread.
        public var loops = 1
        /// Operations of a context in flight at once.
        public var queueDepth = 256
        /// What files are read through.
        public var reader = Reader.engine
        /// Called with the port once the server listens on it.
        public var onListening: @Sendable (Int) -> Void = { _ in }

        public init(root: FilePath) { self.root = root }
    }

    /// What files are read through.
    public enum Reader: String, Sendable, CaseIterable {
        /// AIO's `chunks`.
        case engine
        /// NIOFileSystem's `readChunks`, for comparison.
        case nio
    }

    private let configuration: Configuration
    private let logger: Logger

    public init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT. Then new connections are refused, responses under way are completed, and the
    /// context is drained and destroyed.
    public func run() async throws {
        let registry = PrometheusRegistry()
        var settings = AIOContext.Configuration(
            queueDepth: configuration.queueDepth, loops: configuration.loops, name: "serve")
        // A service learns at its start what the host refuses, not from its first request.
        settings.prepares = true
        let context = try AIOContext(settings)
        let root: any OpensFiles =
            switch configuration.reader {
            case .engine: try FileRoot(configuration.root, on: context)
            case .nio: NIOFileRoot(configuration.root)
            }
        let service = AIOService(context, logger: logger, metrics: registry)
        let pages = Pages(
            files: FileResponder(root: root), service: service, registry: registry)
        let application = Application(
            responder: CallbackResponder<ConnectionContext> { request, context in
                await pages.respond(to: request, context)
            },
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: "aio-serve"),
            onServerRunning: { [configuration] in configuration.onListening($0.localAddress?.port ?? configuration.port)
            }, logger: logger)
        // The group ends its services in reverse order: the server before the context that it reads with.
        var group = ServiceGroupConfiguration(
            services: [service, application], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.drainTimeout
        try await ServiceGroup(configuration: group).run()
    }
}
