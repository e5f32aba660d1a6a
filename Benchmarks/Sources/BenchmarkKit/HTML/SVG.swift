import Foundation

/// Writes SVG elements, one after the other.
struct SVG {
    private(set) var text = ""
    let width: Double
    let height: Double

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    enum Anchor: String { case start, middle, end }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        text += "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" class=\"\(style)\"/>"
    }

    mutating func polyline(_ points: [(Double, Double)], _ style: String) {
        let list = points.map { "\(n($0.0)),\(n($0.1))" }.joined(separator: " ")
        text += "<polyline points=\"\(list)\" class=\"\(style)\"/>"
    }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, title: String? = nil
    ) {
        text +=
            "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0, width)))\" height=\"\(n(height))\" rx=\"2\""
            + " class=\"\(style)\">\(tooltip(title))</rect>"
    }

    mutating func circle(_ x: Double, _ y: Double, _ radius: Double, _ style: String, title: String? = nil) {
        text += "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\" class=\"\(style)\">\(tooltip(title))</circle>"
    }

    mutating func diamond(_ x: Double, _ y: Double, _ radius: Double, _ style: String, title: String? = nil) {
        text +=
            "<path d=\"M\(n(x)) \(n(y - radius))L\(n(x + radius)) \(n(y))L\(n(x)) \(n(y + radius))L\(n(x - radius)) "
            + "\(n(y))Z\" class=\"\(style)\">\(tooltip(title))</path>"
    }

    mutating func label(_ x: Double, _ y: Double, _ content: String, _ anchor: Anchor = .start, _ style: String = "") {
        text +=
            "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor.rawValue)\" class=\"\(style)\">"
            + "\(HTML.escape(content))</text>"
    }

    func document(label: String) -> String {
        "<svg viewBox=\"0 0 \(n(width)) \(n(height))\" role=\"img\" aria-label=\"\(HTML.escape(label))\">\(text)</svg>"
    }

}

/// What a browser shows when the pointer rests on the shape.
private func tooltip(_ title: String?) -> String { title.map { "<title>\(HTML.escape($0))</title>" } ?? "" }

private func n(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(format: "%.1f", rounded)
}

enum HTML {
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
