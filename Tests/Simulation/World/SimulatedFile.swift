@testable import AIOEngine

/// A file of a scenario: a descriptor that its operations keep open.
final class SimulatedFile: @unchecked Sendable {
    let lease: DescriptorLease
    /// Whether the descriptor was closed: no operation may use it any more.
    var isGone = false
    var isClosing = false

    init(descriptor: Int32, keepsToOneLoop: Bool) {
        lease = DescriptorLease(descriptor, ownsDescriptor: false, keepsToOneLoop: keepsToOneLoop)
    }
}

extension SimulatedFile {
    /// Closes the file after its last operation.
    func close(_ world: World) {
        isClosing = true
        lease.close { _ in
            if self.isGone { world.scheduler.fail("a file is closed twice") }
            self.isGone = true
            world.scheduler.step(.fileClosed, Int(self.lease.descriptor))
        }
    }
}
