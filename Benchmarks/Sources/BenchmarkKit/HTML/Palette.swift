/// One colour and one position in the order per engine, the same in every chart.
///
/// The C loops, which are the limit and not a choice, are in ink; this library in cool colours; its alternatives in
/// warm ones.
enum Palette {
    struct Colour {
        var engine: String
        var light: String
        var dark: String
        var dashed = false
    }

    static let colours = [
        Colour(engine: "c-batched", light: "#3f444d", dark: "#d5d9e0"),
        Colour(engine: "c-single", light: "#8b919b", dark: "#8f96a3", dashed: true),
        Colour(engine: "aio-executor", light: "#1f5fd6", dark: "#6ea3ff"),
        Colour(engine: "aio-default", light: "#0b93a5", dark: "#3cc4d6"),
        Colour(engine: "aio-count", light: "#6a7bd8", dark: "#a9b6ff", dashed: true),
        Colour(engine: "aio-ranges", light: "#7a45c9", dark: "#b48cf5"),
        Colour(engine: "aio-loops2", light: "#b5359c", dark: "#ec7fd6"),
        Colour(engine: "aio-chunks", light: "#2746a6", dark: "#8fb0ff"),
        Colour(engine: "aio-chunks-default", light: "#15707d", dark: "#63d7e6", dashed: true),
        Colour(engine: "aio-lines", light: "#0b93a5", dark: "#3cc4d6"),
        Colour(engine: "aio-writer", light: "#7a45c9", dark: "#b48cf5"),
        Colour(engine: "aio-copy", light: "#0b93a5", dark: "#3cc4d6"),
        Colour(engine: "cp", light: "#3f444d", dark: "#d5d9e0"),
        Colour(engine: "bytes", light: "#8a6d1f", dark: "#d1b25a"),
        Colour(engine: "nio-lines", light: "#cf3030", dark: "#ff7b72"),
        Colour(engine: "nio-chunks", light: "#e0559a", dark: "#ff9ac6"),
        Colour(engine: "pread", light: "#e07b00", dark: "#ffa640"),
        Colour(engine: "nio", light: "#cf3030", dark: "#ff7b72"),
        Colour(engine: "dispatch", light: "#8a6d1f", dark: "#d1b25a"),
        Colour(engine: "fio", light: "#2f8a3e", dark: "#62c774"),
    ]

    static func order(_ engine: String) -> Int {
        colours.firstIndex { $0.engine == engine } ?? colours.count
    }

    static var styles: String {
        let light = colours.map { ".e-\($0.engine){--c:\($0.light)}" }.joined()
        let dashed = colours.filter(\.dashed).map { ".line.e-\($0.engine){stroke-dasharray:5 4}" }.joined()
        let dark = colours.map { ".e-\($0.engine){--c:\($0.dark)}" }.joined()
        return light + dashed + "@media(prefers-color-scheme:dark){\(dark)}"
    }
}
