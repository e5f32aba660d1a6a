internal import AIOEngine
internal import AIOKernel
internal import CAIOShims

extension AIOContext {
    /// Returns the operation with the priority of the current task, where the configuration maps priorities.
    func prioritized(_ operation: Operation) -> Operation {
        // A constant is tested first, so that the setting costs nothing where it is off. Only reads and writes may
        // carry a priority: the kernel refuses an fsync with fields that fsync does not use.
        guard configuration.mapsTaskPriority, operation.kind == .read || operation.kind == .write else {
            return operation
        }
        var operation = operation
        operation.block.setPriority(of: Task.currentPriority)
        return operation
    }
}

extension ControlBlock {
    /// Sets a level of the best-effort class. The idle class would not be served at all under load.
    fileprivate mutating func setPriority(of priority: TaskPriority) {
        raw.flags |= UInt32(CAIO_FLAG_IOPRIO)
        raw.priority = Int16(CAIO_IOPRIO_CLASS_BEST_EFFORT) << 13 | Self.level(of: priority)
    }

    /// Returns the level of a task priority: 0 is the most urgent, 7 the least, 4 the default.
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
