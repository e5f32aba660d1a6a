/// A figure at one depth: a bar per engine, with the range of the rounds and the ratio to the baseline.
struct BarChart {
    struct Bar {
        var engine: String
        var title: String
        var spread: Spread
        var ratio: Double?
    }

    var title: String
    var unit: String
    var bars: [Bar]

    private let left = 132.0
    private let right = 118.0
    private let rowHeight = 30.0

    init(title: String, unit: String, bars: [Bar]) {
        self.title = title
        self.unit = unit
        self.bars = bars
    }

    func html() -> String {
        var svg = SVG(width: 600, height: 34 + rowHeight * Double(bars.count))
        let scale = Scale(linearTo: bars.map(\.spread.maximum).max() ?? 1)
        let room = svg.width - left - right
        func x(_ value: Double) -> Double { left + scale.position(value) * room }
        let base = svg.height - 26
        for tick in scale.ticks {
            svg.line(x(tick), 4, x(tick), base, tick == 0 ? "axis" : "grid")
            svg.label(x(tick), base + 17, Format.short(tick), .middle, "tick")
        }
        for (row, bar) in bars.enumerated() { draw(bar, at: 4 + rowHeight * (Double(row) + 0.5), &svg, x) }
        return "<figure><figcaption><b>\(HTML.escape(title))</b> <span>\(HTML.escape(unit)); in brackets: against the "
            + "baseline</span></figcaption>" + svg.document(label: title) + "</figure>"
    }

    private func draw(_ bar: Bar, at middle: Double, _ svg: inout SVG, _ x: (Double) -> Double) {
        let spread = bar.spread
        svg.label(left - 9, middle + 4, bar.title, .end, "row")
        svg.rectangle(
            left, middle - 8, x(spread.median) - left, 16, "bar e-\(bar.engine)",
            title: "\(bar.title): \(Format.number(spread.median)) \(unit) "
                + "(\(Format.number(spread.minimum)) to \(Format.number(spread.maximum)))")
        svg.line(x(spread.minimum), middle, x(spread.maximum), middle, "whisker")
        for end in [spread.minimum, spread.maximum] { svg.line(x(end), middle - 4, x(end), middle + 4, "whisker") }
        let ratio = bar.ratio.map { " (\(Format.ratio($0)))" } ?? ""
        svg.label(x(spread.maximum) + 8, middle + 4, Format.number(spread.median) + ratio, .start, "value")
    }
}
