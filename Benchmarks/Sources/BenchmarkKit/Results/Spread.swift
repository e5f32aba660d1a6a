/// The middle of a few samples, and how far they lie apart.
package struct Spread: Codable, Equatable, Sendable {
    package var median: Double
    package var minimum: Double
    package var maximum: Double

    /// nil without samples.
    package init?(_ samples: [Double]) {
        guard !samples.isEmpty else { return nil }
        let sorted = samples.sorted()
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        minimum = sorted[0]
        maximum = sorted[sorted.count - 1]
    }

    /// Half the distance from the smallest sample to the largest, as a part of the median.
    package var relative: Double { median == 0 ? 0 : (maximum - minimum) / 2 / median }
}
