#if Services
    internal import AIO
    internal import Logging
    internal import Synchronization

    /// Ends a service's contexts: drains them, cancels what is left, gives up waiting. Each step is made only if it is
    /// needed.
    struct ContextsEnding {
        private let service: AIOService
        private var configuration: AIOService.Configuration { service.configuration }
        private var logger: Logger { service.logger }

        init(_ service: AIOService) { self.service = service }

        /// Ends the contexts, and logs what happens.
        ///
        /// - Parameter draining: false cancels at once.
        /// - Returns: ``AIOError/Code/timedOut`` if the contexts have not ended in time.
        func end(draining: Bool) async -> Result<Void, any Error> {
            let started = ContinuousClock.now
            if draining {
                logger.debug("AIO contexts drain", metadata: ["timeout": "\(configuration.drainTimeout)"])
                if await shutDown(.drain(), within: configuration.drainTimeout) {
                    return success(since: started)
                }
            }
            logCutOff("AIO operation is cut off", .warning)
            if await shutDown(.cancel, within: configuration.cancelTimeout, ignoringCancellation: true) {
                return success(since: started)
            }
            let left = logCutOff("AIO operation is still with the kernel", .error)
            return .failure(
                AIOError(
                    .timedOut, operation: "ending \(service)",
                    advice: "\(left) operations and their context end with the process, which waits for them as well"))
        }

        private func success(since start: ContinuousClock.Instant) -> Result<Void, any Error> {
            for context in service.contexts {
                var metadata = context.metadata
                metadata["duration"] = "\(ContinuousClock.now - start)"
                metadata["completed"] = "\(context.statistics.completed)"
                logger.debug("AIO context destroyed", metadata: metadata)
            }
            return .success(())
        }

        /// Logs a line for each of the oldest operations that are under way.
        ///
        /// - Returns: how many operations are under way in all.
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

        /// Shuts the contexts down, and waits for that for a limited time.
        ///
        /// - Parameter ignoringCancellation: whether a cancelled task waits as well; otherwise it gives up at once.
        /// - Returns: whether the contexts have ended in time.
        private func shutDown(
            _ mode: AIOContext.Shutdown, within limit: Duration, ignoringCancellation: Bool = false
        ) async -> Bool {
            let (events, continuation) = AsyncStream.makeStream(of: Bool.self)
            let contexts = service.contexts
            // Both tasks are unstructured: operations that the kernel does not return must not keep this from returning
            // when the time limit has passed.
            let ending = Task.detached {
                await withTaskGroup { group in
                    for context in contexts { group.addTask { try? await context.shutdown(mode) } }
                }
                continuation.yield(true)
            }
            let timer = Task.detached {
                try await Task.sleep(for: limit.clampedToLongestSleep)
                continuation.yield(false)
            }
            defer {
                timer.cancel()
                withExtendedLifetime(ending) {}
            }
            // A cancelled task stops iterating at once. A detached task does not get the cancellation.
            if ignoringCancellation {
                return await Task.detached { await events.first { _ in true } ?? false }.value
            }
            return await events.first { _ in true } ?? false
        }
    }
#endif
