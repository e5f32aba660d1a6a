package import BenchmarkKit
import NIOCore
import SystemPackage
import _NIOFileSystem

/// NIOFileSystem, as its documentation shows it: one handle, one task per operation in flight.
package struct NIOEngine: Engine {
    package init() {}

    package var id: String { "nio" }
    package var title: String { "NIOFileSystem" }

    package func obstacle(to workload: Workload) -> String? {
        workload.caching == .direct ? "NIOFileSystem has no direct I/O" : nil
    }

    package func open(_ job: Job) async throws -> any EngineSession {
        let path = FilePath(job.path)
        if job.workload.pattern.writes {
            let handle = try await FileSystem.shared.openFile(
                forReadingAndWritingAt: path, options: .modifyFile(createIfNecessary: false))
            return NIOSession(workload: job.workload, reader: handle, writer: handle)
        }
        return NIOSession(
            workload: job.workload, reader: try await FileSystem.shared.openFile(forReadingAt: path, options: .init()),
            writer: nil)
    }
}

private struct NIOSession<Reader: ReadableFileHandleProtocol & Sendable>: EngineSession {
    let workload: Workload
    let reader: Reader
    let writer: ReadWriteFileHandle?

    func run(_ run: Run) async throws -> Tally {
        let (reader, writer, blockSize) = (reader, writer, workload.blockSize)
        let operations = try await Crew.run(workload.depth) { _ in
            let data = ByteBuffer(repeating: 0x5a, count: blockSize)
            return try await run.work { entry in
                let count: Int
                if entry.writes, let writer {
                    count = Int(try await writer.write(contentsOf: data, toAbsoluteOffset: entry.offset))
                } else {
                    let chunk = try await reader.readChunk(
                        fromAbsoluteOffset: entry.offset, length: .bytes(Int64(blockSize)))
                    count = chunk.readableBytes
                }
                guard count == blockSize else { throw EngineFailure("short result: \(count) of \(blockSize) bytes") }
            }
        }
        return Tally(operations: operations)
    }

    func close() async throws {
        try await reader.close()
    }
}
