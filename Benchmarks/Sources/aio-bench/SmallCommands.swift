import ArgumentParser
import BenchmarkKit
import Foundation

struct EnginesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "engines", abstract: "Lists the engines.")

    func run() {
        var table = TextTable(["ID", "engine"], leading: 2)
        for engine in Catalogue.engines { table.append([engine.id, engine.title]) }
        for line in table.lines { print(line) }
    }
}

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Shows kept results again: the table, or the HTML page.")

    @Argument(help: "A JSON file that an earlier run has kept.")
    var file: String

    @Option(help: "Write the HTML page here instead of printing the table.")
    var html: String?

    @Option(help: "Compare the ratios with this file of thresholds.")
    var thresholds: String?

    func run() throws {
        let results = try JSONReport.decode(Data(contentsOf: URL(fileURLWithPath: file)))
        let check = try thresholds.map {
            let data = try Data(contentsOf: URL(fileURLWithPath: $0))
            return Check(results, try JSONDecoder().decode(ThresholdFile.self, from: data).thresholds)
        }
        if let html {
            try Data(HTMLReport.page(results, check: check).utf8).write(to: URL(fileURLWithPath: html))
            return
        }
        for line in TextReport.lines(results) { print(line) }
        guard let check else { return }
        print()
        for line in TextReport.lines(check) { print(line) }
        if !check.passed { throw ExitCode(1) }
    }
}

/// One memory measurement; `run` starts a process of its own for each.
struct MemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "Measures the memory of waiting reads.", shouldDisplay: false)

    @Option var engine: String
    @Option var tasks: Int
    @Option var file: String
    @Option var blockSize = 4096

    func run() async throws {
        guard let probe = Catalogue.probes.first(where: { $0.engine == engine }) else {
            throw ValidationError("no memory probe for \(engine)")
        }
        let figures = try await probe.measure(tasks: tasks, path: file, blockSize: blockSize)
        FileHandle.standardOutput.write(try JSONEncoder().encode(figures))
    }
}
