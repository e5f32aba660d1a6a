#if Services
    public import AIO
    internal import Metrics
    public import CoreMetrics
    internal import Synchronization

    /// Exports the statistics of contexts to swift-metrics, whenever ``export()`` is called: ``AIOService`` does so on
    /// an interval.
    ///
    /// Every metric of a context has the dimension `context`, the context's name. Counters are incremented by what was
    /// added since the last export, so that they add up for several contexts, and for a backend that was made late.
    /// docs/services.md lists the names.
    public final class AIOMetrics: Sendable {
        private let exporters: [NameExporter]
        private let host: HostExporter

        /// Makes an exporter.
        ///
        /// - Parameters:
        ///   - contexts: the contexts whose statistics to export; those of contexts of the same name are added up.
        ///   - factory: makes the metrics; nil for the factory that `MetricsSystem` was set up with.
        public init(_ contexts: [AIOContext], factory: (any MetricsFactory)? = nil) {
            let factory = factory ?? MetricsSystem.factory
            exporters = Dictionary(grouping: contexts, by: \.configuration.name).map { NameExporter($0, $1, factory) }
            host = HostExporter(factory)
        }

        /// Exports the current values. Any number of tasks may call it; nothing is counted twice.
        public func export() {
            for exporter in exporters { exporter.export() }
            host.export()
        }
    }

    /// Exports the metrics of one name: of one context, or of several contexts of the same name, which a backend cannot
    /// distinguish. Their values are added up. That holds for gauges too: the last context to set a gauge would hide
    /// the others.
    private final class NameExporter: Sendable {
        private struct Metrics: Sendable {
            /// Counters by name and dimensions, with the values that were exported so far.
            var counters: [String: (counter: Counter, exported: Int64)] = [:]
            var gauges: [String: Meter] = [:]
            var seconds: (counter: FloatingPointCounter, exported: Duration)
        }

        private let contexts: [AIOContext]
        private let factory: any MetricsFactory
        private let dimensions: [(String, String)]
        private let metrics: Mutex<Metrics>

        init(_ name: String, _ contexts: [AIOContext], _ factory: any MetricsFactory) {
            self.contexts = contexts
            self.factory = factory
            dimensions = [("context", name)]
            let seconds = FloatingPointCounter(
                label: "aio_duration_seconds_sum", dimensions: dimensions, factory: factory)
            metrics = Mutex(Metrics(seconds: (seconds, .zero)))
            Meter(label: "aio_queue_depth", dimensions: dimensions, factory: factory)
                .set(contexts.reduce(0) { $0 + $1.configuration.permits })
        }

        func export() {
            metrics.withLock { metrics in
                // Read under the lock: a task that had read earlier, and got the lock later, would export older values.
                let statistics = contexts.map(\.statistics)
                for reading in statistics.flatMap(\.counterReadings).addedUp { export(reading, &metrics) }
                let gauges = statistics.flatMap(\.gaugeReadings).reduce(into: [:]) {
                    $0[$1.name, default: 0] += $1.value
                }
                for (name, value) in gauges {
                    let meter = metrics.gauges[name] ?? Meter(label: name, dimensions: dimensions, factory: factory)
                    metrics.gauges[name] = meter
                    meter.set(value)
                }
                let total = statistics.reduce(.zero) { $0 + $1.latency.total }
                metrics.seconds.counter.increment(by: max(.zero, total - metrics.seconds.exported) / .seconds(1))
                metrics.seconds.exported = max(metrics.seconds.exported, total)
            }
        }

        private func export(_ reading: CounterReading, _ metrics: inout Metrics) {
            var entry =
                metrics.counters[reading.key]
                ?? (Counter(label: reading.name, dimensions: dimensions + reading.dimensions, factory: factory), 0)
            // Exported also at zero, so that a rate can be computed from there. A forked child reads zeros: counters do
            // not decrease.
            entry.counter.increment(by: max(0, reading.value - entry.exported))
            entry.exported = max(entry.exported, reading.value)
            metrics.counters[reading.key] = entry
        }
    }

    extension [CounterReading] {
        /// One reading for each counter, with the sum of the values.
        fileprivate var addedUp: some Sequence<CounterReading> {
            reduce(into: [String: CounterReading]()) {
                $0[$1.key, default: .init($1.name, $1.dimensions, 0)].value += $1.value
            }
            .values
        }
    }

    /// Exports the metrics of the process and the host.
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
