/// Positions of labels that must not overlap.
package enum LabelPositions {
    /// Moves ascending positions at least `gap` apart, within bounds as far as there is room.
    package static func apart(_ wanted: [Double], gap: Double, low: Double, high: Double) -> [Double] {
        var positions = wanted
        for index in positions.indices {
            positions[index] = max(positions[index], index > 0 ? positions[index - 1] + gap : low)
        }
        var limit = high
        for index in positions.indices.reversed() {
            positions[index] = min(positions[index], limit)
            limit = positions[index] - gap
        }
        return positions
    }
}
