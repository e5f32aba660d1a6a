#if Services
    import AIOKernel
    import SystemPackage
    import TestSupport
    import Testing

    /// Sends real signals to a real process, `ServiceProbe`.
    @Suite("AIOService and signals", .serialized, .enabled(if: isKernelAIOAllowed, "kernel AIO is not allowed here"))
    struct SignalTests {
        @Test(
            "a signal drains and destroys the context, and the process exits with 0", .timeLimit(.minutes(3)),
            arguments: ["TERM", "INT"])
        func drainsAndDestroysTheContext(_ signal: String) async throws {
            let run = try await runProbe("idle", signal)
            #expect(run.status == 0, "\(run.text)")
            #expect(run.text.contains("AIO context destroyed"), "\(run.text)")
            #expect(run.text.hasSuffix("contexts live: 0, in flight: 0\n"), "\(run.text)")
        }

        @Test("reads complete in full before their context ends", .timeLimit(.minutes(3)))
        func completesReadsInFull() async throws {
            let run = try await runProbe("busy", "TERM")
            #expect(run.status == 0, "\(run.text)")
            #expect(run.text.contains("read whole"), "\(run.text)")
            #expect(!run.text.contains("cut off"), "\(run.text)")
            #expect(run.text.hasSuffix("contexts live: 0, in flight: 0\n"), "\(run.text)")
        }

        @Test("what does not complete by itself is cut off after the drain timeout", .timeLimit(.minutes(3)))
        func cutsOffWhatOutlastsTheDrain() async throws {
            let run = try await runProbe("stuck", "TERM")
            #expect(run.status == 0, "\(run.text)")
            let line = try #require(run.text.split(separator: "\n").first { $0.contains("AIO operation is cut off") })
            #expect(line.contains("operation=readiness") && line.contains("file=pipe:["), "\(line)")
            #expect(run.text.contains("wait: waiting for descriptor"), "\(run.text)")
            #expect(run.text.hasSuffix("contexts live: 0, in flight: 0\n"), "\(run.text)")
        }

        private func runProbe(_ mode: String, _ signal: String) async throws -> Command.Output {
            let file = try PatternFile(size: 1 << 20)
            let probe = try buildDirectory().appending("ServiceProbe").string
            return try await onThread { try Command.run([probe, mode, signal, file.path.string]) }
        }

        private func buildDirectory() throws -> FilePath {
            FilePath(try #require(CommandLine.arguments.first)).removingLastComponent()
        }
    }

    private let isKernelAIOAllowed = (try? KernelFeatures.current()) != nil
#endif
