package import Foundation

/// The files of results: each run under its date, and the last one under a fixed name.
package struct ResultFiles: Sendable {
    package let directory: String

    package init(directory: String) { self.directory = directory }

    /// - Returns: the paths written.
    package func write(_ results: Results, html: Bool, check: Check?) throws -> [String] {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let stamp = Self.stamp(results.machine.date)
        // The figures first: they are kept if the page fails.
        var paths = [try keep(try JSONReport.encode(results), "\(stamp).json", as: "latest.json")]
        if html {
            let page = Data(HTMLReport.page(results, check: check).utf8)
            paths.append(try keep(page, "\(stamp).html", as: "latest.html"))
        }
        return paths
    }

    private func keep(_ data: Data, _ name: String, as latest: String) throws -> String {
        try data.write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        try data.write(to: URL(fileURLWithPath: "\(directory)/\(latest)"))
        return "\(directory)/\(name)"
    }

    /// Names that sort by time.
    package static func stamp(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        return String(
            format: "%04d%02d%02d-%02d%02d%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0, parts.hour ?? 0,
            parts.minute ?? 0, parts.second ?? 0)
    }
}
