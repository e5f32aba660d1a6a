/// One operation as it was seen under the lock, and a hold on its descriptor.
struct Sighting {
    var operation: LiveOperation
    var lease: DescriptorLease?
}
