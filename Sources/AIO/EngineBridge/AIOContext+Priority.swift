internal import AIOEngine
internal import AIOKernel
internal import CAIOShims

extension AIOContext {
    /// Returns the operation with the priority of the current task, where the configuration asks for that.
    func prioritized(_ operation: Operation) -> Operation {
        // One test of a constant where it does not. Only reads and writes may carry a priority: the kernel refuses an
        // fsync with fields that it does not know of.
        guard configuration.mapsTaskPriority, operation.kind == .read || operation.kind == .write else {
            return operation
        }
        var operation = operation
        operation.block.setPriority(of: Task.currentPriority)
        return operation
    }
}

extension ControlBlock {
    /// Best effort, and the level in it. Not the idle class: under load that would get nothing at all.
    fileprivate mutating func setPriority(of priority: TaskPriority) {
        raw.flags |= UInt32(CAIO_FLAG_IOPRIO)
        raw.priority = Int16(CAIO_IOPRIO_CLASS_BEST_EFFORT) << 13 | Self.level(of: priority)
    }

    /// 0 is the most urgent, 7 the least, 4 what everyone has who says nothing.
    private static func level(of priority: TaskPriority) -> Int16 {
        switch priority.rawValue {
        case TaskPriority.high.rawValue...: 2
        case TaskPriority.medium.rawValue...: 4
        case TaskPriority.low.rawValue...: 6
        case 1...: 7
        default: 4
        }
    }
}
