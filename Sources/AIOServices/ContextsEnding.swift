#if Services
    internal import AIO
    internal import Logging
    internal import Synchronization

    /// The end of a service's contexts: drain, cancel, give up waiting. Each step only as far as it is needed.
    struct ContextsEnding {
        private let service: AIOService
        private var configuration: AIOService.Configuration { service.configuration }
        private var logger: Logger { service.logger }

        init(_ service: AIOService) { self.service = service }

        /// - Parameter draining: false cancels at once.
        func end(draining: Bool) async -> Result<Void, any Error> {
            let started = ContinuousClock.now
            if draining {
                logger.debug("AIO contexts drain", metadata: ["timeout": "\(configuration.drainTimeout)"])
                if await shutDown(.drain(), within: configuration.drainTimeout) {
                    return over(since: started)
                }
            }
            logCutOff("AIO operation is cut off", .warning)
            if await shutDown(.cancel, within: configuration.cancelTimeout, isPatient: true) {
                return over(since: started)
            }
            let left = logCutOff("AIO operation is still with the kernel", .error)
            return .failure(
                AIOError(
                    .timedOut, operation: "ending \(service)",
                    advice: "\(left) operations and their context end with the process, which waits for them as well"))
        }

        private func over(since start: ContinuousClock.Instant) -> Result<Void, any Error> {
            for context in service.contexts {
                var metadata = context.metadata
                metadata["duration"] = "\(ContinuousClock.now - start)"
                metadata["completed"] = "\(context.statistics.completed)"
                logger.debug("AIO context destroyed", metadata: metadata)
            }
            return .success(())
        }

        /// A line for each of the oldest operations that are under way; their number in all.
        @discardableResult
        private func logCutOff(_ message: Logger.Message, _ level: Logger.Level) -> Int {
            var total = 0
            for context in service.contexts {
                let statistics = context.statistics
                let count = statistics.inFlight + statistics.pending
                total += count
                let named = context.oldestOperations(maximum: configuration.maximumLogged)
                for operation in named {
                    logger.log(
                        level: level, message,
                        metadata: context.metadata.merging(operation.metadata) { $1 })
                }
                if count > named.count {
                    var metadata = context.metadata
                    metadata["more"] = "\(count - named.count)"
                    logger.log(level: level, message, metadata: metadata)
                }
            }
            return total
        }

        /// Whether the contexts have ended in that time.
        ///
        /// - Parameter isPatient: a cancelled task waits as well; otherwise it gives up at once.
        private func shutDown(
            _ mode: AIOContext.Shutdown, within limit: Duration, isPatient: Bool = false
        ) async -> Bool {
            let (events, continuation) = AsyncStream.makeStream(of: Bool.self)
            let contexts = service.contexts
            // Unstructured, both: what the kernel does not give back must not hold up who has waited long enough.
            let ending = Task.detached {
                await withTaskGroup { group in
                    for context in contexts { group.addTask { try? await context.shutdown(mode) } }
                }
                continuation.yield(true)
            }
            let timer = Task.detached {
                try await Task.sleep(for: limit.countable)
                continuation.yield(false)
            }
            defer {
                timer.cancel()
                withExtendedLifetime(ending) {}
            }
            // Iterating ends when the task is cancelled; from a task of its own it does not hear of that.
            if isPatient {
                return await Task.detached { await events.first { _ in true } ?? false }.value
            }
            return await events.first { _ in true } ?? false
        }
    }
#endif
