public import CoreMetrics
internal import Synchronization

/// A backend for swift-metrics that keeps all metrics and writes them in Prometheus' text format: `text()`.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    struct Key: Hashable {
        let name: String
        /// Sorted by name, as the same labels in another order are the same metric.
        let labels: [Label]
    }
    struct Label: Hashable, Comparable {
        let name: String
        let value: String

        static func < (left: Label, right: Label) -> Bool { (left.name, left.value) < (right.name, right.value) }
    }
    enum Kind: String {
        case counter, gauge
        /// Sum and count.
        case summary
    }

    let metrics = Mutex<[Key: Metric]>([:])

    /// Makes an empty registry.
    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        metric(.counter, label, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        metric(.counter, label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        metric(.gauge, label, dimensions)
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        metric(aggregate ? .summary : .gauge, label, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        metric(.summary, label, dimensions)
    }

    // A destroyed metric keeps its value: Prometheus takes a counter that begins at zero again for a restart.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Returns the metric of a name and labels, made if there is none yet; the first kind stays.
    private func metric(_ kind: Kind, _ label: String, _ dimensions: [(String, String)]) -> Metric {
        let key = Key(
            name: Self.name(label), labels: dimensions.map { Label(name: Self.name($0.0), value: $0.1) }.sorted())
        return metrics.withLock { metrics in
            if let known = metrics[key] { return known }
            let new = Metric(kind)
            metrics[key] = new
            return new
        }
    }

    /// Returns a valid name: letters, digits and underscores, not a digit first.
    static func name(_ text: String) -> String {
        let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isNumber ?? true ? "_" + name : name
    }
}

/// One metric's value. It is every kind of handler; the registry returns it as the kind that is wanted.
final class Metric: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler, Sendable {
    struct Value {
        var sum = 0.0
        var count = 0
    }

    let kind: PrometheusRegistry.Kind
    private let state = Mutex(Value())

    init(_ kind: PrometheusRegistry.Kind) { self.kind = kind }

    var value: Value { state.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { state.withLock { $0.sum += amount } }
    func decrement(by amount: Double) { state.withLock { $0.sum -= amount } }
    func reset() { state.withLock { $0 = Value() } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.sum = value } }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            state.sum = kind == .summary ? state.sum + value : value
            state.count += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
