/// Whether to wait for more operations before io_submit.
///
/// A batch costs less CPU per operation, but while it grows the device may run dry. On the loop's thread more operations
/// are near: in the jobs that are still to run. While completions wait in the ring, the device is quicker than this
/// thread, and batching pays. Otherwise a batch is submitted as soon as it is larger than what the device has to do: at
/// once to an idle device, then in batches that double.
enum BatchingPolicy {
    /// Submits now: the caller may not come back soon.
    case immediate
    case untilJobsHaveRun
    case whileDeviceIsBusy

    /// The policy on the loop's own thread.
    init(waitingCompletions: Int) { self = waitingCompletions > 0 ? .untilJobsHaveRun : .whileDeviceIsBusy }

    func submitsNow(_ ledger: borrowing OperationLedger) -> Bool {
        switch self {
        case .immediate: true
        case .untilJobsHaveRun: false
        case .whileDeviceIsBusy: ledger.queuedForKernel > ledger.permitsHeld
        }
    }
}
