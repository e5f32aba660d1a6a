import AIOEngine
import CTestSupport
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// Contexts where the kernel refuses. Twins of the tests in `PreparationTests` that need a kernel context.
@Suite(.enabled(if: Requirement.refusal.isMet, "\(Requirement.refusal)"), .timeLimit(.minutes(5)))
struct FallbackTests {
    private static func threads(loops: Int = 1, depth: Int = 16) -> AIOContext.Configuration {
        var configuration = AIOContext.Configuration(queueDepth: depth, loops: loops)
        configuration.fallback = .threads
        return configuration
    }

    private static func refuse(_ call: String, _ errno: Int32 = EPERM) {
        if test_refuse(call, errno) != 0 { exit(70) }
    }

    /// Reads direct blocks from many tasks, and checks each.
    private static func reads(on context: AIOContext, count: Int = 64) async throws -> Bool {
        let source = try PatternFile(size: 1 << 20, seed: 51)
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        let isRight = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<count {
                group.addTask {
                    let offset = Int64(number) * 4096
                    return source.pattern.matches(try await file.read(at: offset, count: 4096), at: offset)
                }
            }
            return try await group.reduce(true) { $0 && $1 }
        }
        try await file.close()
        return isRight
    }

    @Test(arguments: [1, 3]) func contextChangesOverWithTheFirstOperationAndSaysWhy(loops: Int) async throws {
        await #expect(processExitsWith: .success) { [loops = loops as Int] in
            Self.refuse("io_setup")
            try await withAIOContext(Self.threads(loops: loops)) { context in
                guard context.backend == .kernel(created: false) else { exit(2) }
                guard try await Self.reads(on: context) else { exit(3) }
                guard case .threads(let reason) = context.backend else { exit(4) }
                guard reason.contains("io_setup"), reason.contains("sandbox") else { exit(5) }
                let statistics = context.statistics
                guard statistics.submitted == 64, statistics.submitted + statistics.inline == statistics.completed,
                    statistics.inFlight == 0, statistics.pending == 0
                else { exit(6) }
            }
            exit(0)
        }
    }

    @Test func contextThatPreparesIsOnThreadsAtOnce() async throws {
        await #expect(processExitsWith: .success) {
            Self.refuse("io_setup", ENOSYS)
            var configuration = Self.threads()
            configuration.prepares = true
            try await withAIOContext(configuration) { context in
                guard case .threads = context.backend else { exit(2) }
            }
            exit(0)
        }
    }

    @Test func waitForReadinessChangesOverAndIsWoken() async throws {
        await #expect(processExitsWith: .success) {
            Self.refuse("io_setup")
            try await withAIOContext(Self.threads()) { context in
                let (read, write) = try OpenDescriptor.pipe()
                let wait = Task { try await context.waitUntilReady(read.descriptor, for: .readable) }
                while context.statistics.inFlight == 0 { await Task.yield() }
                _ = try write.descriptor.writeAll([1])
                guard try await wait.value.contains(.readable) else { exit(2) }
                guard case .threads = context.backend, context.statistics.submitted == 1 else { exit(3) }
            }
            exit(0)
        }
    }

    @Test func withoutFallbackTheOperationThrows() async throws {
        await #expect(processExitsWith: .success) {
            Engine.Configuration.fallsBackByDefault = false
            Self.refuse("io_setup")
            try await withAIOContext { context in
                do {
                    _ = try await Self.reads(on: context, count: 1)
                    exit(2)
                } catch let error as AIOError {
                    guard error.code == .permissionDenied else { exit(3) }
                }
                guard context.backend == .kernel(created: false) else { exit(4) }
            }
            exit(0)
        }
    }

    /// EAGAIN is what io_setup says where `fs.aio-max-nr` leaves no room.
    @Test func sharedContextFallsBackWhereTheHostHasNoRoom() async throws {
        await #expect(processExitsWith: .success) {
            Engine.Configuration.fallsBackByDefault = false
            Self.refuse("io_setup", EAGAIN)
            let context = try AIOContext.shared
            guard try await Self.reads(on: context) else { exit(2) }
            guard case .threads(let reason) = context.backend, reason.contains("fs.aio-max-nr") else { exit(3) }
            exit(0)
        }
    }

    @Test func contextWithoutAnEventfdIsOnThreads() async throws {
        await #expect(processExitsWith: .success) {
            Self.refuse("eventfd2", EMFILE)
            try await withAIOContext(Self.threads(loops: 2)) { context in
                guard case .threads = context.backend else { exit(2) }
                guard try await Self.reads(on: context) else { exit(3) }
            }
            exit(0)
        }
    }

    /// The change-over and the shutdown may come at once: nothing hangs, and each read returns or is shut down.
    @Test func firstReadsBesideTheShutdownEnd() async throws {
        await #expect(processExitsWith: .success) {
            Self.refuse("io_setup")
            let source = try PatternFile(size: 1 << 16, seed: 52)
            for round in 0..<50 {
                let context = try AIOContext(Self.threads())
                let file = try await AIOFile.open(source.path, caching: .direct, on: context)
                let reads = (0..<4).map { _ in Task { try await file.read(at: 0, count: 4096) } }
                try await context.shutdown(round % 2 == 0 ? .cancel : .drain())
                for read in reads {
                    switch await read.result {
                    case .success(let bytes): guard source.pattern.matches(bytes, at: 0) else { exit(2) }
                    case .failure(let error): guard (error as? AIOError)?.code == .shutDown else { exit(3) }
                    }
                }
            }
            exit(0)
        }
    }
}
