#if Services
    public import AIO
    internal import Metrics
    public import CoreMetrics
    internal import Synchronization

    /// Exports the statistics of contexts to swift-metrics, as ``export()`` is called: ``AIOService`` does so on an
    /// interval.
    ///
    /// Every metric has the dimension `context`, the context's name. Counters get what was added since the last time,
    /// so several contexts, or a backend that was made late, add up right. docs/services.md lists the names.
    public final class AIOMetrics: Sendable {
        private let exporters: [ContextExporter]
        private let host: HostExporter

        /// - Parameters:
        ///   - contexts: whose statistics to export; contexts of the same name add up.
        ///   - factory: where to; nil for the one that `MetricsSystem` was set up with.
        public init(_ contexts: [AIOContext], factory: (any MetricsFactory)? = nil) {
            let factory = factory ?? MetricsSystem.factory
            exporters = contexts.map { ContextExporter($0, factory) }
            host = HostExporter(factory)
        }

        /// Exports everything as it is now. Any number of tasks may call it; nothing is counted twice.
        public func export() {
            for exporter in exporters { exporter.export() }
            host.export()
        }
    }

    /// One context's metrics.
    private final class ContextExporter: Sendable {
        private struct Metrics: Sendable {
            /// Counters by name and dimensions, with what they have been told so far.
            var counters: [String: (counter: Counter, exported: Int64)] = [:]
            var gauges: [String: Meter] = [:]
            var seconds: (counter: FloatingPointCounter, exported: Duration)
        }

        private let context: AIOContext
        private let factory: any MetricsFactory
        private let dimensions: [(String, String)]
        private let metrics: Mutex<Metrics>

        init(_ context: AIOContext, _ factory: any MetricsFactory) {
            self.context = context
            self.factory = factory
            dimensions = [("context", context.configuration.name)]
            let seconds = FloatingPointCounter(
                label: "aio_duration_seconds_sum", dimensions: dimensions, factory: factory)
            metrics = Mutex(Metrics(seconds: (seconds, .zero)))
            Meter(label: "aio_queue_depth", dimensions: dimensions, factory: factory)
                .set(context.configuration.queueDepth)
        }

        func export() {
            metrics.withLock { metrics in
                // Inside, or a task that read earlier and gets here later would count backwards.
                let statistics = context.statistics
                for reading in statistics.counterReadings { export(reading, &metrics) }
                for (name, value) in statistics.gaugeReadings {
                    let meter = metrics.gauges[name] ?? Meter(label: name, dimensions: dimensions, factory: factory)
                    metrics.gauges[name] = meter
                    meter.set(value)
                }
                let total = statistics.latency.total
                metrics.seconds.counter.increment(by: (total - metrics.seconds.exported) / .seconds(1))
                metrics.seconds.exported = total
            }
        }

        private func export(_ reading: CounterReading, _ metrics: inout Metrics) {
            let key = reading.dimensions.reduce(reading.name) { "\($0)/\($1.1)" }
            var entry =
                metrics.counters[key]
                ?? (Counter(label: reading.name, dimensions: dimensions + reading.dimensions, factory: factory), 0)
            // Exported also at zero, so that a rate has where to start from. A forked child reads zeros: nothing is
            // taken back.
            entry.counter.increment(by: max(0, reading.value - entry.exported))
            entry.exported = max(entry.exported, reading.value)
            metrics.counters[key] = entry
        }
    }

    /// What is one for the process and the host.
    private struct HostExporter: Sendable {
        private let contexts: Meter
        private let inUse: Meter
        private let maximum: Meter

        init(_ factory: any MetricsFactory) {
            contexts = Meter(label: "aio_live_contexts", factory: factory)
            inUse = Meter(label: "aio_system_events_in_use", factory: factory)
            maximum = Meter(label: "aio_system_events_maximum", factory: factory)
        }

        func export() {
            contexts.set(AIOProcess.liveContexts)
            guard let limits = try? AIOProcess.SystemLimits.current() else { return }
            inUse.set(limits.inUse)
            maximum.set(limits.maximum)
        }
    }
#endif
