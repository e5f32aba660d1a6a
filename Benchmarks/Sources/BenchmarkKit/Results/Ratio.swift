/// Engines compared round by round: what changes on the machine between rounds then changes both sides.
package enum Ratio {
    /// The median of `subject / reference` over the rounds that both have; nil without any.
    package static func median(_ subject: EngineResult, to reference: EngineResult, _ metric: RoundMetric) -> Double? {
        let ratios = zip(subject.rounds, reference.rounds).compactMap { own, other -> Double? in
            guard let value = own[metric], let base = other[metric], base > 0 else { return nil }
            return value / base
        }
        return Spread(ratios)?.median
    }

    /// Against the better of the references: the ratio that is hardest on the subject.
    package static func hardest(
        _ subject: EngineResult, to references: [EngineResult], _ metric: RoundMetric
    ) -> Double? {
        let ratios = references.compactMap { median(subject, to: $0, metric) }
        return metric.moreIsBetter ? ratios.min() : ratios.max()
    }
}
