/// Whether operations wait for others, to go to the kernel with them in one io_submit.
///
/// Together they cost less CPU, and let the device run dry: what the rule is to weigh. On the loop's thread the
/// others are near, in the jobs that are still to run. Meanwhile completions that are in already tell that the
/// device is quicker than this thread, so it pays to gather. When none are, operations go as soon as more wait
/// here than the device has to do: at once to an idle one, then in batches that double.
enum Gathering {
    /// The caller may not be back soon: what it brings goes at once.
    case no
    case untilJobsHaveRun
    case whileDeviceIsBusy

    /// On the loop's thread.
    init(_ kernel: any KernelInterface) { self = kernel.hasEvents ? .untilJobsHaveRun : .whileDeviceIsBusy }

    func ends(with ledger: borrowing OperationLedger) -> Bool {
        switch self {
        case .no: true
        case .untilJobsHaveRun: false
        case .whileDeviceIsBusy: ledger.queuedForKernel > ledger.placesTaken
        }
    }
}
