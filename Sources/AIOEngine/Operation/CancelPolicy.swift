/// What cancellation does to an operation that the kernel has and will not give back.
package enum CancelPolicy: UInt8, Sendable {
    /// The waiter is resumed at once; memory and descriptor stay with the slot until the operation completes.
    case abandon
    /// The waiter is resumed when the operation completes, since its memory is being written, and then as cancelled.
    case waitThenCancel
    /// The waiter is resumed with what really happened: the bytes are in the file.
    case report
}
