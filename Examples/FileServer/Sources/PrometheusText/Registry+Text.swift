internal import Synchronization

extension PrometheusRegistry {
    /// Returns all metrics in Prometheus' text format, version 0.0.4.
    public func text() -> String {
        let all = metrics.withLock { $0 }
        // swift-metrics has no histograms: counters with the label `le` are one.
        let histograms = Set(all.keys.compactMap(\.histogram))
        let families = Dictionary(grouping: all) { $0.key.family(histograms, $0.value.kind) }
        return families.sorted { $0.key < $1.key }.reduce(into: "") { text, family in
            let isHistogram = histograms.contains(family.key)
            let kind = isHistogram ? "histogram" : family.value[0].value.kind.rawValue
            text += "# TYPE \(family.key) \(kind)\n"
            for (key, metric) in family.value.sorted(by: { $0.key.precedes($1.key) }) {
                text += lines(key, metric, isHistogram ? key.name : family.key)
            }
        }
    }

    private func lines(_ key: Key, _ metric: Metric, _ name: String) -> String {
        let value = metric.value
        let labels = key.labels.isEmpty ? "" : "{" + key.labels.map(\.text).joined(separator: ",") + "}"
        guard metric.kind == .summary else { return "\(name)\(labels) \(number(value.sum))\n" }
        return "\(name)_sum\(labels) \(number(value.sum))\n\(name)_count\(labels) \(value.count)\n"
    }

    private func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        // Integers are written without an exponent, as long as they are exact.
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}

extension PrometheusRegistry.Key {
    /// The histogram that this is a bucket of.
    fileprivate var histogram: String? {
        name.hasSuffix("_bucket") && labels.contains { $0.name == "le" } ? String(name.dropLast(7)) : nil
    }

    /// The name that the `# TYPE` line is for.
    fileprivate func family(_ histograms: Set<String>, _ kind: PrometheusRegistry.Kind) -> String {
        for suffix in ["_bucket", "_count", "_sum"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if histograms.contains(base) { return base }
        }
        return kind == .counter && !name.hasSuffix("_total") ? name + "_total" : name
    }

    /// Orders by name and labels, and buckets by their bound.
    fileprivate func precedes(_ other: Self) -> Bool {
        guard name == other.name else { return name < other.name }
        let (left, right) = (labels.filter { $0.name != "le" }, other.labels.filter { $0.name != "le" })
        guard left == right else { return left.lexicographicallyPrecedes(right) }
        return bound < other.bound
    }

    private var bound: Double {
        guard let text = labels.first(where: { $0.name == "le" })?.value else { return 0 }
        return Double(text) ?? .infinity
    }
}

extension PrometheusRegistry.Label {
    fileprivate var text: String {
        let escaped = value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
        return "\(name)=\"\(escaped)\""
    }
}
