/// What happened in a scenario, step by step: the same for the same seed.
struct Trace: Equatable {
    struct Entry: Equatable {
        let time: UInt64
        let thread: Int
        let seam: Seam
        let first: Int
        let second: Int
    }

    private(set) var entries: [Entry] = []

    mutating func append(_ entry: Entry) { entries.append(entry) }

    /// The last steps, in lines; without those of loops that only went round at the end.
    func text(last count: Int, names: [String]) -> String {
        let start = entries.first?.time ?? 0
        let last = entries.lastIndex { $0.seam.isProgress } ?? 0
        return entries.prefix(last + count / 4).suffix(count).map { entry in
            let microseconds = (entry.time - start) / 1000
            return
                "\(microseconds) us  \(names[entry.thread]) (\(entry.thread))  \(entry.seam) \(entry.first) \(entry.second)"
        }.joined(separator: "\n")
    }
}

/// Where the engine meets the simulation, and what the simulation does beside it. The numbers that go with a seam in the trace
/// are the kernel's (its loop's) and the operation's, or a count and a result.
enum Seam: UInt8 {
    // Host
    case begin, end, now, pause, start, noThread, join, background, lock, unlock, wait, wakeOne, wakeAll, processor
    // Kernel
    case prepare, submit, accept, submitted, reap, reaped, sleep, wake, cancel, destroy
    // Blocking calls
    case call, called, work, discard
    // Actors
    case admit, admitted, refuse, complete, cancelID, cancelWaiter, close, closed, closeFile, fileClosed, snapshot,
        inspect
    case idle, job, jobEnded, wakeLoop, inline, opened, refusedToOpen, runJobs, prepareToSleep, wakeIdle
}

extension Seam {
    /// Whether it brings an operation further, or the end of the engine.
    var isProgress: Bool {
        switch self {
        case .accept, .call, .called, .complete, .close, .closed, .end: true
        default: false
        }
    }
}
