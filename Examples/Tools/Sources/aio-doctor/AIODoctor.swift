import ArgumentParser
import Doctor
import StandardDescriptors
import SystemPackage

@main
struct AIODoctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aio-doctor",
        abstract: "Shows what this kernel, container and file system allow swift-aio, and what to do about it.",
        discussion: """
            Exits with 1 when something is BAD: swift-aio cannot work there. In a directory it makes a file of \
            64 KiB for a moment; a file is only read.
            """)

    @Argument(help: "A directory or file whose file system is examined.")
    var path = "."

    func run() async throws {
        occupyStandardDescriptors()
        let findings = await Observations.ofThisMachine(FilePath(path)).findings
        for finding in findings { print(finding.text) }
        if findings.contains(where: { $0.verdict == .bad }) { throw ExitCode(1) }
    }
}
