import AIOKernel
import CAIOShims
import Glibc
import TestSupport

@testable import AIOEngine

/// What the devices behind the virtual kernel answer, and when.
final class Devices: @unchecked Sendable {
    private let faults: Faults
    private let hasEndlessPolls: Bool
    var random: SplitMix64

    init(_ scenario: Scenario, seed: UInt64) {
        faults = scenario.faults
        hasEndlessPolls = scenario.hasEndlessPolls
        random = SplitMix64(seed: seed)
    }

    /// The result of an operation that the device has done: all of it, a part of it, or an error.
    func result(of operation: SimulatedOperation, _ flags: ControlBlock.Flags) -> Int {
        let full = operation.specification.fullResult
        if operation.specification.kind == .poll { return full }
        if faults.errors.happens(&random) { return -Int([EIO, ENOSPC, EINVAL, EBADF].randomElement(using: &random)!) }
        if full > 1, faults.shortResults.happens(&random) { return Int.random(in: 0..<full, using: &random) }
        return full
    }

    /// Whether the kernel refuses to start an operation without blocking; -errno.
    func noWaitRefusal(_ operation: SimulatedOperation, _ flags: ControlBlock.Flags) -> Int? {
        guard flags.contains(.noWait), faults.noWaitRefusals.happens(&random) else { return nil }
        return -Int(random.next() % 4 == 0 ? EOPNOTSUPP : EAGAIN)
    }

    /// How long an operation takes, in nanoseconds; 0: it is done within io_submit.
    func latency(of kind: OperationKind) -> UInt64 {
        if kind == .poll {
            if hasEndlessPolls, random.next() % 3 == 0 { return 1 << 60 }
            return UInt64.random(in: 0..<12_000_000, using: &random)
        }
        switch random.next() % 16 {
        case 0..<3: return 0
        case 3..<11: return UInt64.random(in: 500..<30_000, using: &random)
        case 11..<15: return UInt64.random(in: 30_000..<700_000, using: &random)
        default: return faults.isSlow ? slowLatency() : 200_000
        }
    }

    private func slowCallTime() -> UInt64 {
        // A few hang for so long that the others need further threads.
        let hangs = random.next() % 8 == 0
        return UInt64.random(in: hangs ? 50_000_000..<90_000_000 : 300_000..<6_000_000, using: &random)
    }

    private func slowLatency() -> UInt64 {
        let longest: UInt64 = random.next() % 4 == 0 ? 200_000_000 : 15_000_000
        return UInt64.random(in: 1_000_000..<longest, using: &random)
    }

    /// How long a system call blocks, in nanoseconds.
    func callTime() -> UInt64 {
        switch random.next() % 8 {
        case 0..<5: UInt64.random(in: 0..<20_000, using: &random)
        case 5..<7: UInt64.random(in: 20_000..<300_000, using: &random)
        default: faults.isSlow ? slowCallTime() : 100_000
        }
    }
}
