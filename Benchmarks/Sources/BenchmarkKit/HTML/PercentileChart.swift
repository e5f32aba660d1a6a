/// Latency percentiles at one depth: a row per engine, from the median to the 99.9th percentile.
struct PercentileChart {
    struct Row {
        var engine: String
        var title: String
        var latency: LatencySummary
    }

    var title: String
    var rows: [Row]

    private let left = 132.0
    private let right = 30.0
    private let rowHeight = 26.0

    init(title: String, rows: [Row]) {
        self.title = title
        self.rows = rows
    }

    func html() -> String {
        var svg = SVG(width: 600, height: 34 + rowHeight * Double(rows.count))
        let values = rows.flatMap { [$0.latency.p50, $0.latency.p999] }.filter { $0 > 0 }
        let scale = Scale(logarithmicFrom: values.min() ?? 1, to: values.max() ?? 10)
        let room = svg.width - left - right
        func x(_ value: Double) -> Double { left + scale.position(value) * room }
        let base = svg.height - 26
        for tick in scale.ticks {
            svg.line(x(tick), 4, x(tick), base, "grid")
            svg.label(x(tick), base + 17, Self.duration(tick), .middle, "tick")
        }
        for (index, row) in rows.enumerated() { draw(row, at: 4 + rowHeight * (Double(index) + 0.5), &svg, x) }
        return "<figure><figcaption><b>\(HTML.escape(title))</b> <span>logarithmic</span>\(Self.key)</figcaption>"
            + svg.document(label: title) + "</figure>"
    }

    private func draw(_ row: Row, at middle: Double, _ svg: inout SVG, _ x: (Double) -> Double) {
        let latency = row.latency
        svg.label(left - 9, middle + 4, row.title, .end, "row")
        svg.line(x(latency.p50), middle, x(latency.p999), middle, "span e-\(row.engine)")
        svg.diamond(
            x(latency.p999), middle, 5.5, "hollow e-\(row.engine)",
            title: "\(row.title), p99.9: \(Self.exact(latency.p999))")
        svg.circle(
            x(latency.p99), middle, 5, "hollow e-\(row.engine)", title: "\(row.title), p99: \(Self.exact(latency.p99))")
        svg.circle(
            x(latency.p50), middle, 5, "dot e-\(row.engine)", title: "\(row.title), p50: \(Self.exact(latency.p50))")
    }

    private static var key: String {
        var svg = SVG(width: 190, height: 16)
        svg.circle(8, 8, 4.5, "dot key")
        svg.label(17, 12, "p50", .start, "tick")
        svg.circle(62, 8, 4.5, "hollow key")
        svg.label(71, 12, "p99", .start, "tick")
        svg.diamond(116, 8, 5, "hollow key")
        svg.label(126, 12, "p99.9", .start, "tick")
        return "<span class=\"key\">\(svg.document(label: "filled circle p50, open circle p99, diamond p99.9"))</span>"
    }

    /// Round numbers for the axis, from nanoseconds.
    private static func duration(_ nanoseconds: Double) -> String {
        for (unit, suffix) in [(1e9, "s"), (1e6, "ms"), (1e3, "µs")] where nanoseconds >= unit * 0.9999 {
            return "\(Format.short(nanoseconds / unit)) \(suffix)"
        }
        return "\(Format.short(nanoseconds)) ns"
    }

    private static func exact(_ nanoseconds: Double) -> String { "\(Format.number(nanoseconds / 1000)) µs" }
}
