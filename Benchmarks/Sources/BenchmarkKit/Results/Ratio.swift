/// Compares engines round by round: a change on the machine between rounds then affects both sides.
package enum Ratio {
    /// Returns the median of `subject / reference` over the rounds that both have; nil without any.
    package static func median(_ subject: EngineResult, to reference: EngineResult, _ metric: RoundMetric) -> Double? {
        let ratios = zip(subject.rounds, reference.rounds).compactMap { own, other -> Double? in
            guard let value = own[metric], let base = other[metric], base > 0 else { return nil }
            return value / base
        }
        return Spread(ratios)?.median
    }

    /// Returns the worst of the ratios to the references: that to the best reference.
    package static func hardest(
        _ subject: EngineResult, to references: [EngineResult], _ metric: RoundMetric
    ) -> Double? {
        let ratios = references.compactMap { median(subject, to: $0, metric) }
        return metric.moreIsBetter ? ratios.min() : ratios.max()
    }
}
