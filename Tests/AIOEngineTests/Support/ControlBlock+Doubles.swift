import AIOKernel
import CAIOShims
import Glibc
import SystemPackage

@testable import AIOEngine

extension ControlBlock {
    /// Returns a read of 512 bytes without memory: a scripted kernel moves no bytes.
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

    /// Returns a read whose offset is its number.
    static func numbered(_ number: Int) -> ControlBlock {
        var block = ControlBlock.read(0)
        block.raw.offset = Int64(number)
        return block
    }
}
