internal import CTestSupport
internal import Glibc
internal import SystemPackage

/// Something that a test needs of the machine.
///
///     @Test(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
public struct Requirement: Sendable, CustomStringConvertible {
    /// What is missing; nil when nothing is.
    public let missing: String?
    public var isMet: Bool { missing == nil }
    public var description: String { missing.map { "needs \($0)" } ?? "available" }

    /// `trial` finds out what a look at the machine cannot: root in a container may lack the right to mount.
    private init(_ needs: [(Bool, String)], trial: () throws -> Void = {}) {
        let lacking = needs.filter { !$0.0 }.map(\.1)
        if lacking.isEmpty {
            do {
                try trial()
                missing = nil
            } catch {
                missing = "the right to use what it has (\(error))"
            }
        } else {
            missing = lacking.joined(separator: " and ")
        }
        // A skipped test is one line among hundreds; this one stands out.
        if let missing { report("SKIPPING tests: this machine lacks \(missing)\n") }
    }

    private static var isRoot: (Bool, String) { (geteuid() == 0, "root") }

    public static let root = Requirement([isRoot])
    /// ``SlowFileSystem`` can be mounted.
    public static let fuse = Requirement([
        isRoot, (access("/dev/fuse", R_OK | W_OK) == 0, "/dev/fuse"), (SlowFileSystem.python != nil, "Python 3"),
        (access(SlowFileSystem.script, R_OK) == 0, "the package's sources"),
    ]) { try SlowFileSystem().stop() }
    /// ``LoopDevice`` and ``Ext4Image`` can be made.
    public static let loopDevices = Requirement([
        isRoot, (access("/dev/loop-control", R_OK | W_OK) == 0, "/dev/loop-control"),
        (Command.find("losetup") != nil, "losetup"), (Command.find("mkfs.ext4") != nil, "mkfs.ext4"),
    ]) { _ = try Ext4Image(size: 1 << 20) }
    /// System calls can be refused: `test_refuse`.
    public static let refusal = Requirement([]) {
        // A child, as a refusal is for good.
        let status = try inForkedChild { test_refuse("io_cancel", EPERM) == 0 ? 0 : 1 }
        guard status == .exited(0) else { throw Errno.notPermitted }
    }
    /// A file system in memory.
    public static let sharedMemory = Requirement([(access("/dev/shm", W_OK) == 0, "/dev/shm")])
}

/// Writes to standard error.
private func report(_ text: String) { _ = text.withCString { write(2, $0, strlen($0)) } }
