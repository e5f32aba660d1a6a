/// What the slot of an abandoned operation owned.
struct AbandonedResources {
    let memory: Unmanaged<AnyObject>?
    let lease: Unmanaged<DescriptorLease>?
    /// The result of the ``BlockingWork`` in `memory`.
    let discarded: Int?

    func release() {
        if let memory {
            if let discarded {
                memory._withUnsafeGuaranteedRef { unsafeDowncast($0, to: BlockingWork.self).discard(discarded) }
            }
            memory.release()
        }
        if let lease {
            lease._withUnsafeGuaranteedRef { $0.endUse() }
            lease.release()
        }
    }
}
