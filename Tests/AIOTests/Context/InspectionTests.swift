import AIOKernel
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// `oldestOperations`: which operations are live, on which file, at which offset, and since when.
@Suite("live operations")
struct InspectionTests {
    @Test("reads are listed with file, offset, count and stage, oldest first", .timeLimit(.minutes(2)))
    func listsReads() async throws {
        let rig = try await InspectionRig(depth: 2)
        let reads = try await rig.startReads(at: [4096, 8192, 12288])
        try await rig.kernel.waitUntilSubmitted(2)

        let found = rig.context.oldestOperations()
        #expect(found.map(\.offset) == [4096, 8192, 12288])
        #expect(found.map(\.stage) == [.inKernel, .inKernel, .waiting])
        #expect(found.allSatisfy { $0.kind == .read && $0.count == 4096 && !$0.isAbandoned })
        #expect(found.allSatisfy { $0.path == rig.source.path }, "\(found)")
        #expect(found.map(\.age) == found.map(\.age).sorted(by: >))
        #expect(found[0].description.contains("read of \(rig.source.path) at offset 4096, 4096 bytes, inKernel for"))
        #expect(rig.context.oldestOperations(maximum: 2).map(\.offset) == [4096, 8192])
        #expect(rig.context.oldestOperations(maximum: 0).isEmpty)
        #expect(rig.context.oldestOperations(maximum: -1).isEmpty)
        #expect(rig.context.oldestOperations(olderThan: .seconds(3600)).isEmpty)
        #expect(rig.context.oldestOperations(olderThan: .seconds(Int64.max)).isEmpty)
        #expect(rig.context.oldestOperations(olderThan: .seconds(-1)).count == 3)

        try await rig.end(reads)
        #expect(rig.context.oldestOperations().isEmpty)
    }

    @Test("the oldest are found among more operations than one locked region looks at", .timeLimit(.minutes(2)))
    func findsOldestOfMany() async throws {
        let rig = try await InspectionRig(depth: 1)
        let offsets = (0..<600).map { Int64($0) * 4096 }
        let reads = try await rig.startReads(at: offsets)

        #expect(rig.context.oldestOperations(maximum: 3).map(\.offset) == Array(offsets[..<3]))
        #expect(rig.context.oldestOperations(maximum: .max).map(\.offset) == offsets)

        rig.kernel.setMode(.automatic)
        try await rig.end(reads)
    }

    @Test("an abandoned operation is listed as abandoned, and its path stays known", .timeLimit(.minutes(2)))
    func listsAbandonedOperations() async throws {
        let rig = try await InspectionRig(depth: 2)
        let reads = try await rig.startReads(at: [4096])
        try await rig.kernel.waitUntilSubmitted(1)
        reads[0].cancel()
        _ = await reads[0].result
        // The owner closes the file: the abandoned operation alone keeps the descriptor.
        let closing = Task { try await rig.file.close() }

        let found = rig.context.oldestOperations()
        #expect(found.map(\.isAbandoned) == [true])
        #expect(found.map(\.path) == [rig.source.path])

        rig.kernel.completeAll()
        try await closing.value
        try await rig.context.shutdown()
        #expect(rig.kernel.misuse.isEmpty)
    }

    @Test("inspection does not keep a file from closing", .timeLimit(.minutes(2)))
    func doesNotKeepAFileFromClosing() async throws {
        let rig = try await InspectionRig(depth: 2)
        let reads = try await rig.startReads(at: [4096])
        try await rig.kernel.waitUntilSubmitted(1)
        for _ in 0..<100 { _ = rig.context.oldestOperations(maximum: 0) + rig.context.oldestOperations() }
        rig.kernel.completeAll()
        _ = await reads[0].result
        // If inspection leaked a use of the lease, this would wait for ever.
        try await rig.file.close()
        try await rig.context.shutdown()
    }

    @Test("a wait for readiness and an opening that hangs are listed", .timeLimit(.minutes(2)))
    func listsOtherOperations() async throws {
        let directory = try TemporaryDirectory.onDisk()
        let fifo = directory.path("fifo")
        try #require(mkfifo(fifo.string, 0o600) == 0)
        let pipe = try OpenDescriptor.pipe()
        let context = try AIOContext(.depth(4))
        let wait = Task { try await context.waitUntilReady(pipe.read.descriptor, for: .readable) }
        // open(2) of a FIFO waits for a writer.
        let opening = Task { try await AIOFile.open(fifo, on: context) }
        #expect(await eventually { context.oldestOperations().filter { $0.stage != .waiting }.count == 2 })

        let found = context.oldestOperations().sorted { $0.kind.rawValue < $1.kind.rawValue }
        #expect(found.map(\.kind) == [.open, .readiness])
        #expect(found.first?.path == fifo)
        #expect(found.first?.stage == .onThread)
        #expect(found.first?.descriptor == nil)
        #expect(found.last?.descriptor == pipe.read.descriptor)
        #expect(found.last?.path?.string.hasPrefix("pipe:[") == true, "\(found)")
        #expect(found.allSatisfy { $0.offset == nil && $0.count == nil })

        wait.cancel()
        _ = await wait.result
        let writer = try await onThread { try OpenDescriptor(fifo, .writeOnly) }
        try await opening.value.close()
        withExtendedLifetime(writer) {}
        try await context.shutdown()
    }

    @Test("vectors are listed with their bytes, not their number", .timeLimit(.minutes(2)))
    func countsTheBytesOfVectors() async throws {
        let rig = try await InspectionRig(depth: 2)
        let file = rig.file
        let read = Task {
            var buffers = [AIOBuffer(count: 4096), AIOBuffer(count: 8192)]
            return try await file.read(at: 4096, into: &buffers)
        }
        try await rig.kernel.waitUntilSubmitted(1)
        #expect(rig.context.oldestOperations().map(\.count) == [12288])
        rig.kernel.completeAll()
        #expect(try await read.value == 12288)
        try await rig.end([])
    }
}

/// A direct file on a scripted kernel.
private struct InspectionRig {
    let kernel: ScriptedKernel
    let context: AIOContext
    let source: PatternFile
    let file: AIOFile

    init(depth: Int) async throws {
        kernel = try ScriptedKernel()
        context = try AIOContext(.depth(depth), kernels: [kernel])
        source = try PatternFile(size: 1 << 16)
        file = try await AIOFile.open(source.path, caching: .direct, on: context)
    }

    /// Starts each read after the context has the one before, so that their ages are ordered.
    func startReads(at offsets: [Int64]) async throws -> [Task<AIOBuffer, any Error>] {
        let started = context.statistics.operations.reads
        var tasks: [Task<AIOBuffer, any Error>] = []
        for offset in offsets {
            tasks.append(Task { [file] in try await file.read(at: offset, count: 4096) })
            let wanted = started + tasks.count
            try #require(await eventually { context.statistics.operations.reads == wanted })
        }
        return tasks
    }

    /// Completes all operations until all of `reads` have returned.
    func end(_ reads: [Task<AIOBuffer, any Error>]) async throws {
        while !context.oldestOperations(maximum: 1).isEmpty {
            kernel.completeAll()
            await Task.yield()
        }
        for read in reads { _ = try await read.value }
        try await file.close()
        try await context.shutdown()
        #expect(kernel.misuse.isEmpty)
    }
}
