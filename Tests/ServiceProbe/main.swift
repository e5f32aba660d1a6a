// A service that ends itself with a signal. AIOServicesTests runs it and reads its output.
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
        // A pipe that stays silent, and a task that the graceful shutdown does not reach.
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
