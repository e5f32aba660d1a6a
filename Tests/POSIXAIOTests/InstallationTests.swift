import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("make install-posixaio")
struct InstallationTests {
    @Test(
        "installs a library, and posixaio-run, which runs a program on it", .timeLimit(.minutes(4)),
        .enabled(if: Command.find("make") != nil, "needs make"))
    func installedWrapperRunsProgramOnLibrary() async throws {
        let staging = try TemporaryDirectory.onDisk()
        let program = try DropIn.program(DropIn.test("names"), wide: false)
        // Built before, so that make only has to copy it.
        _ = try DropIn.library.get()
        try await onThread {
            let make = try Command.run([
                "make", "-C", DropIn.root.string, "install-posixaio", "DESTDIR=\(staging.path)", "PREFIX=/opt/aio",
            ])
            #expect(make.status == 0, "\(make.text)")
            let prefix = staging.path.appending("opt/aio")
            let run = try Command.run([prefix.appending("bin/posixaio-run").string, program])
            #expect(run.status == 0, "\(run.text)")
            let lines = run.text.split(separator: "\n")
            let isInstalled = lines.allSatisfy { $0.hasSuffix("/opt/aio/bin/../lib/libposixaio.so") }
            #expect(!lines.isEmpty && isInstalled, "\(run.text)")
            // The wrapper reports its own errors, and returns the program's status.
            let wrapper = prefix.appending("bin/posixaio-run").string
            #expect(try Command.run([wrapper, "sh", "-c", "exit 7"]).status == 7)
            #expect(try Command.run([wrapper]).status == 64)
            #expect(unlink(prefix.appending("lib/libposixaio.so").string) == 0)
            let without = try Command.run([wrapper, "true"])
            #expect(without.status == 69 && without.text.contains("libposixaio.so"), "\(without.text)")
        }
    }
}
