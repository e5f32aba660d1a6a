import BenchmarkKit
import Foundation

/// Runs each memory measurement in a process of its own.
enum MemoryRuns {
    static let counts = [1_000, 10_000, 100_000]

    static func measure(_ file: TestFile, _ progress: ProgressDisplay, _ notes: inout [String]) -> [MemoryFigures] {
        var all: [MemoryFigures] = []
        for probe in Catalogue.probes {
            for tasks in counts {
                progress.begin("memory of \(Format.grouped(tasks)) waiting reads")
                do { all.append(try child(probe.engine, tasks, file.path)) } catch {
                    notes.append("memory of \(Format.grouped(tasks)) waiting reads (\(probe.engine)): \(error)")
                }
            }
        }
        return all
    }

    private static func child(_ engine: String, _ tasks: Int, _ path: String) throws -> MemoryFigures {
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["memory", "--engine", engine, "--tasks", "\(tasks)", "--file", path]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw EngineFailure("the measuring process ended with status \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(MemoryFigures.self, from: data)
    }
}
