import AIOKernel
import CAIOShims
import Glibc
import SystemPackage
import TestSupport

@testable import AIOEngine

/// An operation as a scenario has it.
struct OperationSpecification: Equatable, Sendable {
    var kind = OperationKind.read
    var route = Route.kernel
    var policy = CancelPolicy.abandon
    /// Its length, in bytes.
    var count = 512
    /// Whether a scan can see that its waiter was cancelled.
    var hasWaiter = false
    /// Which of the files it is for.
    var file = 0
    /// How many operations are started one after another from the completions.
    var followers = 0

    /// The result of an operation that is done completely.
    var fullResult: Int {
        switch kind {
        case .read, .write: count
        case .poll: Int(POLLIN)
        case .open, .metadata: 7
        case .synchronize, .close: 0
        }
    }

    /// The operation's block, which has its number for an offset.
    func block(_ number: Int) -> ControlBlock {
        let descriptor = FileDescriptor(rawValue: -1)
        var block =
            switch kind {
            case .read: ControlBlock.read(descriptor, into: .init(start: nil, count: 0), at: 0)
            case .write: ControlBlock.write(descriptor, from: .init(start: nil, count: 0), at: 0)
            case .poll: ControlBlock.poll(descriptor, for: UInt32(POLLIN))
            default: ControlBlock.synchronize(descriptor, dataOnly: false)
            }
        block.raw.count = UInt64(count)
        block.raw.offset = Int64(number)
        return block
    }
}

extension OperationSpecification {
    static func random(_ random: inout SplitMix64, files: Int, hasPolls: Bool) -> OperationSpecification {
        var one = OperationSpecification()
        one.count = 512 << Int(random.next() % 4)
        one.hasWaiter = random.next() % 2 == 0
        one.file = Int(random.next() % UInt64(files))
        one.followers = random.next() % 8 == 0 ? 1 + Int(random.next() % 3) : 0
        switch random.next() % 16 {
        case 0..<6: (one.kind, one.policy) = (.read, random.next() % 4 == 0 ? .waitThenCancel : .abandon)
        case 6..<10: (one.kind, one.policy) = (.write, random.next() % 4 == 0 ? .abandon : .report)
        case 10..<11: (one.kind, one.policy) = (.synchronize, .report)
        case 11..<14 where hasPolls:
            (one.kind, one.policy, one.route) = (.poll, .report, .kernel)
            return one
        default:
            (one.kind, one.policy, one.route) = (.open, .abandon, .blockingWork)
            return one
        }
        switch random.next() % 8 {
        case 0..<2: one.route = .kernel
        case 2..<5: one.route = .kernelUnlessBlocking
        case 5: one.route = .blockingSubmit
        case 6: one.route = .blockingCall
        default: one.route = .pooledCall
        }
        return one
    }
}
