import AIOKernel

extension ControlBlockTable {
    init(_ blocks: [ControlBlock]) {
        self.init(count: blocks.count)
        for (index, block) in blocks.enumerated() { self[index] = block }
    }
}
