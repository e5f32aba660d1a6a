/// Operations that had not completed, oldest first. Their descriptors stay open for as long as this object lives, so that
/// /proc speaks of the right file.
package final class LiveOperations: Sendable {
    package let operations: [LiveOperation]
    private let leases: [DescriptorLease]

    init(_ sightings: [Sighting]) {
        operations = sightings.map(\.operation)
        leases = sightings.compactMap(\.lease)
    }

    deinit { for lease in leases { lease.endUse() } }
}
