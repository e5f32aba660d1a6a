import Foundation

/// A bound that the library promises to keep, as committed in thresholds.json.
package struct Threshold: Codable, Equatable, Sendable {
    package enum Metric: String, Codable, Sendable {
        case operationsPerSecond, bytesPerSecond, cpuPerOperation, meanLatency
        /// Absolute metrics, without a reference.
        case allocationsPerOperation, residentBytesPerOperation

        package var round: RoundMetric? { RoundMetric(rawValue: rawValue) }
    }

    package var name: String
    /// Workload IDs; the bound holds for each of them. Empty for `residentBytesPerOperation`.
    package var workloads: [String]
    package var engine: String
    package var metric: Metric
    /// Engine IDs; the bound is against the best of them. Empty for an absolute bound.
    package var against: [String]
    package var atLeast: Double?
    package var atMost: Double?
    /// For `residentBytesPerOperation`.
    package var tasks: Int?
    /// The processors that the bound needs, as it is about work in parallel; nil: any number.
    package var processors: Int?
    /// The forms of the benchmark that measure it; nil for the short and the full one.
    package var forms: [Plan.Form]?

    /// Whether the bound applies to a run of this form. All bounds apply to a run whose workloads were named one by
    /// one.
    package func applies(to form: Plan.Form?) -> Bool { form.map { (forms ?? [.short, .full]).contains($0) } ?? true }

    package init(
        name: String, workloads: [String], engine: String, metric: Metric, against: [String], atLeast: Double? = nil,
        atMost: Double? = nil, tasks: Int? = nil, processors: Int? = nil, forms: [Plan.Form]? = nil
    ) {
        self.name = name
        self.workloads = workloads
        self.engine = engine
        self.metric = metric
        self.against = against
        self.atLeast = atLeast
        self.atMost = atMost
        self.tasks = tasks
        self.processors = processors
        self.forms = forms
    }

    package func holds(_ value: Double) -> Bool {
        if let atLeast, value < atLeast { return false }
        if let atMost, value > atMost { return false }
        return true
    }

    /// Formats a value with enough digits to distinguish it from the bound.
    package func show(_ value: Double) -> String {
        if metric == .residentBytesPerOperation { return Format.number(value) }
        let short = Format.ratio(value)
        guard !holds(value), let limit = atLeast ?? atMost, short == Format.ratio(limit) else { return short }
        return String(format: "%.4f", value)
    }

    package var bound: String {
        func text(_ limit: Double) -> String {
            metric == .residentBytesPerOperation ? Format.number(limit) : String(format: "%g", limit)
        }
        if let atLeast { return "≥ \(text(atLeast))" }
        if let atMost { return "≤ \(text(atMost))" }
        return "no bound"
    }
}

package struct ThresholdFile: Codable, Sendable {
    package var thresholds: [Threshold]
}
