import AIOKernel
import CAIOShims

@testable import AIOEngine

/// Control blocks at addresses of their own, for a kernel without an engine.
final class ControlBlocks: @unchecked Sendable {
    // Unchecked: the pointer is written in init only.
    private let blocks: UnsafeMutableBufferPointer<caio_iocb>

    init(_ contents: [ControlBlock]) {
        blocks = .allocate(capacity: contents.count)
        _ = blocks.initialize(from: contents.map(\.raw))
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
