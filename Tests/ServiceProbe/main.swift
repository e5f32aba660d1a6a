// A service that ends itself with a signal. AIOServicesTests runs it and reads what it says.
//
//     ServiceProbe idle|busy|stuck  TERM|INT  FILE

#if Services
    import AIO
    import AIOServices
    import Glibc
    import Logging
    import ServiceLifecycle
    import SystemPackage
    import UnixSignals

    /// Ends the program as an operator would, once `ready` says that there is something to end.
    struct Signaller: Service {
        let signal: Int32
        let ready: @Sendable () -> Bool

        func run() async throws {
            while !ready() { try await Task.sleep(for: .milliseconds(1)) }
            print("signalled")
            kill(getpid(), signal)
            try await gracefulShutdown()
        }
    }

    /// Reads a file again and again until the graceful shutdown begins; each read ends whole or it is told.
    struct Reader: Service {
        let file: AIOFile

        func run() async throws {
            let size = try await file.size()
            var reads = 0
            while !Task.isShuttingDownGracefully {
                let bytes = try await file.read(at: 0, count: Int(size))
                guard bytes.count == size else { return print("SHORT") }
                reads += 1
            }
            print(reads > 0 ? "read whole" : "READ NOTHING")
        }
    }

    var configuration = AIOContext.Configuration()
    configuration.name = "probe"
    configuration.queueDepth = 64
    let context = try AIOContext(configuration)
    var logger = Logger(label: "probe") { StreamLogHandler.standardOutput(label: $0) }
    logger.logLevel = .debug

    var ending = AIOService.Configuration()
    ending.drainTimeout = .milliseconds(300)
    let service = AIOService(context, configuration: ending, logger: logger)
    let arguments = CommandLine.arguments
    let signal = arguments[2] == "INT" ? SIGINT : SIGTERM
    var services: [any Service] = [service]
    switch arguments[1] {
    case "busy":
        services.append(Reader(file: try await AIOFile.open(FilePath(arguments[3]), on: context)))
    case "stuck":
        // A client that says nothing, and a task that no shutdown reaches.
        let silent = try FileDescriptor.pipe()
        Task.detached {
            do { _ = try await context.waitUntilReady(silent.readEnd, for: .readable) } catch {
                print("wait: \(error)")
            }
        }
    default: break
    }
    let isStuck = arguments[1] == "stuck"
    services.append(
        Signaller(signal: signal) {
            let statistics = context.statistics
            return isStuck ? statistics.inFlight == 1 : arguments[1] == "idle" || statistics.operations.reads > 10
        })
    try await ServiceGroup(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    print("contexts live: \(AIOProcess.liveContexts), in flight: \(context.statistics.inFlight)")
#else
    print("ServiceProbe: built without the trait Services")
#endif
