import Foundation

/// Maps values to positions, and knows round numbers for its ticks.
package struct Scale: Sendable {
    package enum Kind: Sendable { case linear, logarithmic }

    package let kind: Kind
    package let low: Double
    package let high: Double
    package let ticks: [Double]

    /// From 0 to a round number at or above the largest value.
    package init(linearTo largest: Double) {
        let step = Self.roundStep(largest / 5)
        let count = max(1, (largest / step).rounded(.up))
        kind = .linear
        low = 0
        high = count * step
        ticks = (0...Int(count)).map { Double($0) * step }
    }

    /// From 1, 2 or 5 times a power of ten to another such.
    package init(logarithmicFrom smallest: Double, to largest: Double) {
        let steps = Self.decades(from: smallest, to: largest, mantissas: [1, 2, 5])
        kind = .logarithmic
        low = steps.last { $0 <= smallest * 1.0001 } ?? smallest
        high = steps.first { $0 >= largest * 0.9999 } ?? largest
        let (low, high) = (low, high)
        let inside = steps.filter { $0 >= low && $0 <= high }
        // More than eight labels would run into each other: then only the powers of ten.
        let decades = inside.filter { abs(log10($0) - log10($0).rounded()) < 0.001 }
        ticks = inside.count <= 8 ? inside : decades.count >= 2 ? decades : [low, high]
    }

    /// 0 at the low end, 1 at the high one.
    package func position(_ value: Double) -> Double {
        switch kind {
        case .linear: return high > low ? (value - low) / (high - low) : 0
        case .logarithmic:
            guard value > 0, high > low else { return 0 }
            return min(1, max(0, log(value / low) / log(high / low)))
        }
    }

    private static func roundStep(_ rough: Double) -> Double {
        guard rough > 0 else { return 1 }
        let magnitude = pow(10, floor(log10(rough)))
        for factor in [1, 2, 2.5, 5, 10] where factor * magnitude >= rough * 0.9999 { return factor * magnitude }
        return 10 * magnitude
    }

    private static func decades(from smallest: Double, to largest: Double, mantissas: [Double]) -> [Double] {
        let first = Int(floor(log10(smallest)))
        let last = Int(ceil(log10(largest)))
        return (first...max(first, last)).flatMap { exponent in mantissas.map { $0 * pow(10, Double(exponent)) } }
    }
}
