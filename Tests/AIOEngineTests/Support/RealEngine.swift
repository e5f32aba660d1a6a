import AIOKernel
import SystemPackage
import TestSupport

@testable import AIOEngine

/// Returns an engine on the real kernel.
func realEngine(depth: Int = 16, blockingThreads: Int = 4) throws -> Engine {
    var configuration = Engine.Configuration()
    configuration.queueDepth = depth
    configuration.blockingThreads = blockingThreads
    configuration.name = "real"
    return try Engine(configuration)
}

/// Reads 8 KiB and checks its bytes. Blocks the calling thread.
func readAndCheck(_ engine: Engine, _ source: PatternFile, _ file: OpenDescriptor, at offset: Int64 = 4096) throws {
    let memory = AlignedMemory(count: 8192)
    let call = EngineCall(engine)
    call.start(.read(file.descriptor, into: memory.bytes, at: offset))
    let outcome = try call.outcomeHere()
    guard outcome == Outcome(8192), source.pattern.firstMismatch(in: memory.readOnly, at: offset) == nil else {
        throw WrongBytes()
    }
}
