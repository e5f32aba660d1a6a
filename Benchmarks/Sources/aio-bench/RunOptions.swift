import ArgumentParser
import BenchmarkKit

extension Workload.Pattern: ExpressibleByArgument {}
extension Workload.Caching: ExpressibleByArgument {}
extension Workload.Target: ExpressibleByArgument {}

/// A size such as 4k or 1m.
struct ByteSize: ExpressibleByArgument {
    var bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        guard let bytes = Format.parseSize(argument) else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String { Format.blockSize(bytes) }
}

/// What to measure.
struct WorkloadOptions: ParsableArguments {
    @Flag(help: "The whole matrix, each engine wherever it can take part.")
    var full = false

    @Flag(help: "Chunks, lines, the writer and copies, and nothing else.")
    var streams = false

    @Flag(help: "fio on POSIX AIO, the C library's and libposixaio.so, and nothing else.")
    var posix = false

    @Option(
        name: .customLong("pattern"),
        help: "randread, randwrite, randrw, read, write, lines or copy; may be repeated.")
    var patterns: [Workload.Pattern] = []

    @Option(name: .customLong("block-size"), help: "Bytes per operation, such as 4k; may be repeated.")
    var blockSizes: [ByteSize] = []

    @Option(name: .customLong("depth"), help: "Operations in flight, 1 to 1024; may be repeated.")
    var depths: [Int] = []

    @Option(
        name: .customLong("caching"), help: "direct, hot or cold (buffered, with the file in the page cache or not).")
    var cachings: [Workload.Caching] = []

    @Option(name: .customLong("target"), help: "disk or tmpfs; may be repeated.")
    var targets: [Workload.Target] = []

    @Option(name: .customLong("engine"), help: "An engine's ID (see `aio-bench engines`); may be repeated.")
    var engines: [String] = []

    func validate() throws {
        guard [full, streams, posix].filter(\.self).count <= 1 else {
            throw ValidationError("--full has what --streams and --posix have: choose one")
        }
        if let depth = depths.first(where: { !(1...1024).contains($0) }) {
            throw ValidationError("--depth \(depth): from 1 to 1024")
        }
        if let size = blockSizes.first(where: { !(512...(64 << 20)).contains($0.bytes) || $0.bytes % 512 != 0 }) {
            throw ValidationError("--block-size \(size.bytes): a multiple of 512, from 512 to 64m")
        }
    }

    private var namesWorkloads: Bool {
        !(patterns.isEmpty && blockSizes.isEmpty && depths.isEmpty && cachings.isEmpty && targets.isEmpty)
    }

    var form: Plan.Form? { namesWorkloads ? nil : full ? .full : streams ? .streams : posix ? .posix : .short }

    func plan(available: [String]) throws -> Plan {
        if let unknown = engines.first(where: { !available.contains($0) }) {
            throw ValidationError("no engine is called \(unknown); there are \(available.joined(separator: ", "))")
        }
        let chosen = engines.isEmpty ? available : engines
        if namesWorkloads {
            return Plan(
                patterns: or(patterns, .randread), blockSizes: or(blockSizes.map(\.bytes), 4096),
                depths: or(depths, 32), cachings: or(cachings, .direct), targets: or(targets, .disk), engines: chosen)
        }
        var plan = full ? Plan.full(engines: chosen) : streams ? .streams : posix ? .posix : .short
        if !engines.isEmpty {
            for index in plan.entries.indices { plan.entries[index].engines.removeAll { !engines.contains($0) } }
            plan.entries.removeAll { $0.engines.isEmpty }
        }
        return plan
    }

    private func or<Value>(_ values: [Value], _ fallback: Value) -> [Value] { values.isEmpty ? [fallback] : values }
}
