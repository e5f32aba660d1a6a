/// A figure over queue depth, one line per engine, with the range of the rounds at every point.
struct LineChart {
    struct Point {
        var depth: Int
        var spread: Spread
    }

    struct Series {
        var engine: String
        var title: String
        var points: [Point]
    }

    var title: String
    var unit: String
    var series: [Series]
    /// Series so far above the others that those would all lie on one line; named below the chart instead.
    private var beyond: [Series] = []

    private let left = 58.0
    private let right = 148.0
    private let top = 16.0
    private let bottom = 44.0

    init(title: String, unit: String, series: [Series]) {
        self.title = title
        self.unit = unit
        self.series = series.filter { !$0.points.isEmpty }
        leaveOutOutliers()
    }

    private mutating func leaveOutOutliers() {
        func low(_ one: Series) -> Double { one.points.map(\.spread.median).min() ?? 0 }
        func high(_ one: Series) -> Double { one.points.map(\.spread.median).max() ?? 0 }
        while let top = series.max(by: { low($0) < low($1) }) {
            let rest = series.filter { $0.engine != top.engine }
            guard rest.count >= 2, let next = rest.map(high).max(), low(top) > 3 * next else { return }
            series = rest
            beyond.append(top)
        }
    }

    private var beyondNote: String {
        guard !beyond.isEmpty else { return "" }
        let parts = beyond.map { one in
            let medians = one.points.map(\.spread.median)
            return "\(one.title) (\(Format.number(medians.min() ?? 0)) to \(Format.number(medians.max() ?? 0)))"
        }
        return "<p class=\"note\">Far above the others, not drawn: \(HTML.escape(parts.joined(separator: ", ")))</p>"
    }

    func html() -> String {
        var svg = SVG(width: 620, height: 330)
        let (width, height) = (svg.width, svg.height)
        let values = series.flatMap { $0.points.flatMap { [$0.spread.minimum, $0.spread.maximum] } }
        let scale = Scale(linearTo: values.max() ?? 1)
        let depths = Array(Set(series.flatMap { $0.points.map(\.depth) })).sorted()
        func x(_ depth: Int) -> Double {
            // Equal steps: depths are powers of two, so the axis is logarithmic in all but name.
            let index = Double(depths.firstIndex(of: depth) ?? 0)
            let span = width - left - right - 24
            return left + 12 + (depths.count > 1 ? index / Double(depths.count - 1) * span : span / 2)
        }
        func y(_ value: Double) -> Double { top + (1 - scale.position(value)) * (height - top - bottom) }
        axes(&svg, scale, depths, x, y)
        for one in series { draw(one, &svg, x, y) }
        labels(&svg, y)
        return "<figure><figcaption><b>\(HTML.escape(title))</b> <span>\(HTML.escape(unit))</span></figcaption>"
            + svg.document(label: "\(title) over queue depth") + beyondNote + "</figure>"
    }

    private func axes(
        _ svg: inout SVG, _ scale: Scale, _ depths: [Int], _ x: (Int) -> Double, _ y: (Double) -> Double
    ) {
        for tick in scale.ticks {
            svg.line(left, y(tick), svg.width - right, y(tick), tick == scale.low ? "axis" : "grid")
            svg.label(left - 8, y(tick) + 4, Format.short(tick), .end, "tick")
        }
        let base = svg.height - bottom
        for depth in depths {
            svg.line(x(depth), base, x(depth), base + 4, "axis")
            svg.label(x(depth), base + 18, "\(depth)", .middle, "tick")
        }
        svg.label((left + svg.width - right) / 2, svg.height - 8, "operations in flight", .middle, "tick")
    }

    private func draw(_ one: Series, _ svg: inout SVG, _ x: (Int) -> Double, _ y: (Double) -> Double) {
        for point in one.points {
            svg.line(
                x(point.depth), y(point.spread.minimum), x(point.depth), y(point.spread.maximum),
                "range e-\(one.engine)")
        }
        svg.polyline(one.points.map { (x($0.depth), y($0.spread.median)) }, "line e-\(one.engine)")
        for point in one.points {
            let spread = point.spread
            svg.circle(
                x(point.depth), y(spread.median), 3.5, "dot e-\(one.engine)",
                title: "\(one.title), depth \(point.depth): \(Format.number(spread.median)) \(unit) "
                    + "(\(Format.number(spread.minimum)) to \(Format.number(spread.maximum)))")
        }
    }

    /// Names at the ends of the lines that reach the greatest depth, moved apart where they end close to each other.
    private func labels(_ svg: inout SVG, _ y: (Double) -> Double) {
        let deepest = series.compactMap(\.points.last?.depth).max()
        let ends = series.compactMap { one in
            one.points.last.flatMap { $0.depth == deepest ? (one: one, y: y($0.spread.median)) : nil }
        }.sorted { $0.y < $1.y }
        let positions = LabelPositions.apart(ends.map(\.y), gap: 14, low: top, high: svg.height - bottom)
        let edge = svg.width - right
        for (end, position) in zip(ends, positions) {
            svg.line(edge - 2, end.y, edge + 9, position, "lead e-\(end.one.engine)")
            svg.label(edge + 12, position + 4, end.one.title, .start, "name e-\(end.one.engine)")
        }
    }
}
