import AIOKernel
import TestSupport
import Testing

/// Checks that the example runs as docs/lifecycle.md describes it. It does real I/O on a real kernel, so these tests
/// look only for what holds on every machine: no times, and no sizes that the host shares.
@Suite("Examples/Lifecycle", .serialized, .enabled(if: kernelAIOIsAllowed, "kernel AIO is not allowed here"))
struct LifecycleTests {
    private static let lines: [Int: [String]] = [
        1: [
            "event of operation 1: 46 bytes", "event of operation 2: 46 bytes",
            "they are the bytes that were written",
            "63 bytes, the same", "0 contexts live",
        ],
        2: ["before", "live, round 1", "gone, after round 1", "contexts 0 -> 0"],
        3: ["8 contexts, each with 64 KiB written", "one by one", "together", "0 in the manager, 0 in the process"],
        4: [
            "must be between 1 and", "EAGAIN", "events were asked for", "a made-up ID                  EINVAL",
            "context 0                     EINVAL", "destroyed already             EINVAL", "refused (",
            "result 1048576: written whole", "the file                      has the data",
            "a write after that            shut down", "shutdown once more            nothing to do",
        ],
        5: [
            "started", "healthy", "SIGTERM                       no new work",
            "drain                         timed out",
            "its wait was cancelled: shut down", "0 contexts live", "= completed + in flight",
        ],
    ]

    @Test(
        "each part runs by itself and prints what it is documented to print", .timeLimit(.minutes(1)), arguments: 1...5)
    func partRuns(_ number: Int) async throws {
        let run = try await runExample("Lifecycle", ["\(number)"])
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.hasPrefix("Part \(number). "))
        for line in Self.lines[number] ?? [] {
            #expect(run.text.contains(line), "'\(line)' is missing:\n\(run.text)")
        }
        // The example prints in capitals what must not happen.
        for alarm in ["DIFFER", "OTHERS", "ACCEPTED", "DOES NOT", "IS NOT", "A LIE"] {
            #expect(!run.text.contains(alarm), "\(run.text)")
        }
        // descriptors 12 -> 12, threads 4 -> 4, …
        if number == 2 {
            let line = run.text.split(separator: "\n").first { $0.contains("descriptors") && $0.contains("->") }
            let words = try #require(line).split { $0 == " " || $0 == "," }
            #expect(words[1] == words[3], "\(run.text)")
        }
    }

    @Test("an argument that is not a part prints the usage, and nothing runs", .timeLimit(.minutes(1)))
    func refusesOtherArguments() async throws {
        for arguments in [["6"], ["0"], ["x"], ["1", "2"]] {
            let run = try await runExample("Lifecycle", arguments)
            #expect(run.status == 64)
            #expect(run.text == "usage: Lifecycle [1 … 5]\n")
        }
    }
}

private let kernelAIOIsAllowed = (try? KernelFeatures.current()) != nil
