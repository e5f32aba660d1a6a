import AIOKernel
import CAIOShims
import Glibc
import SystemPackage
import TestSupport

@testable import AIOEngine

/// Control blocks at addresses of their own, for a kernel without an engine.
final class Requests: @unchecked Sendable {
    // Sendable by hand: written in init only.
    private let blocks: UnsafeMutableBufferPointer<caio_iocb>

    init(_ requests: [ControlBlock]) {
        blocks = .allocate(capacity: requests.count)
        _ = blocks.initialize(from: requests.map(\.raw))
    }

    deinit { blocks.deallocate() }

    var addresses: [UInt] { blocks.indices.map { UInt(bitPattern: pointer($0)) } }

    private func pointer(_ index: Int) -> UnsafeMutablePointer<caio_iocb> { blocks.baseAddress! + index }

    @discardableResult func submit(to kernel: some KernelInterface) -> Int {
        var pointers = blocks.indices.map(pointer)
        return pointers.withUnsafeMutableBufferPointer { kernel.submit($0) }
    }

    func cancel(_ index: Int, on kernel: some KernelInterface) -> Int32 { kernel.cancel(pointer(index)) }
}

extension ControlBlock {
    /// Of 512 bytes nowhere: a scripted kernel moves none.
    static func read(_ tag: UInt64) -> ControlBlock {
        var block = ControlBlock.read(FileDescriptor(rawValue: -1), into: .init(start: nil, count: 0), at: 0, data: tag)
        block.raw.count = 512
        return block
    }

    static func synchronize(_ tag: UInt64) -> ControlBlock {
        .synchronize(FileDescriptor(rawValue: -1), dataOnly: false, data: tag)
    }

    static func poll(_ tag: UInt64) -> ControlBlock {
        .poll(FileDescriptor(rawValue: -1), for: UInt32(POLLIN), data: tag)
    }

    static func wake(_ descriptor: FileDescriptor) -> ControlBlock {
        .poll(descriptor, for: UInt32(POLLIN), data: OperationID.wake.tag)
    }
}

/// What of an event a test compares.
struct Reaped: Hashable, Sendable {
    let data: UInt64
    let result: Int

    init(_ data: UInt64, _ result: Int) {
        self.data = data
        self.result = result
    }
}

extension KernelInterface {
    /// What is reaped without waiting.
    func events() -> [Reaped] { collect { reap(into: $0) }.events }

    func wait(nanoseconds: Int64) -> (result: Int, events: [Reaped]) {
        collect { reap(into: $0, timeoutNanoseconds: nanoseconds) }
    }

    private func collect(
        _ call: (UnsafeMutableBufferPointer<CompletionEvent>) -> Int
    ) -> (result: Int, events: [Reaped]) {
        var buffer = [CompletionEvent](repeating: CompletionEvent(), count: 16)
        let result = buffer.withUnsafeMutableBufferPointer { call($0) }
        return (result, buffer.prefix(max(0, result)).map { Reaped($0.data, $0.result) })
    }
}
