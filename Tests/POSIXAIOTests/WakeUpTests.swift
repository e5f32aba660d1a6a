import SystemPackage
import TestSupport
import Testing

@Suite("The wait behind aio_suspend")
struct WakeUpTests {
    @Test("no wake-up is lost, wherever the threads are delayed", .timeLimit(.minutes(4)))
    func everyWakeUpArrives() async throws {
        let sources = DropIn.root.appending("Sources/CPOSIXAIO")
        let directory = try TemporaryDirectory.onDisk()
        let program = directory.path("wakeups").string
        try await onThread {
            let compiled = try Command.run([
                try #require(Command.find("clang")), "-O1", "-pthread", "-D_GNU_SOURCE", "-Wno-nullability-extension",
                "-I\(sources)", "-I\(sources.appending("include"))", DropIn.test("wakeups").string, "-o", program,
            ])
            #expect(compiled.status == 0, "\(compiled.text)")
            let run = try Command.run(["timeout", "-k", "5", "120", program])
            #expect(run.status == 0, "\(run.status == 124 ? "a waiter stayed asleep" : run.text)")
        }
    }
}
