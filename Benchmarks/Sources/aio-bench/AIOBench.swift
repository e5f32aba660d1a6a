import ArgumentParser

@main
struct AIOBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aio-bench",
        abstract: "Measures file I/O engines side by side on this machine's own disk.",
        subcommands: [RunCommand.self, EnginesCommand.self, ReportCommand.self, MemoryCommand.self],
        defaultSubcommand: RunCommand.self)
}
