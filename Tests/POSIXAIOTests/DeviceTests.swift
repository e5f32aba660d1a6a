import Glibc
import SystemPackage
import TestSupport
import Testing

/// What takes a device of its own to see.
@Suite("libposixaio.so on devices", .serialized)
struct DeviceTests {
    @Test(
        "a block device, direct and buffered", .timeLimit(.minutes(3)),
        .enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"), arguments: [false, true])
    func blockDevice(_ dropIn: Bool) async throws {
        let program = try DropIn.program(DropIn.test("device"), wide: true)
        let device = try LoopDevice(size: 1 << 20)
        let run = try await DropIn.run([program, device.path.string], dropIn: dropIn)
        #expect(run.status == 0, "\(run.text)")
    }

    @Test(
        "cancelling what the device is at", .timeLimit(.minutes(3)),
        .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"), arguments: [false, true])
    func inFlight(_ dropIn: Bool) async throws {
        let program = try DropIn.program(DropIn.test("inflight"), wide: true)
        let fs = try SlowFileSystem()
        let path = try fs.addFile("data", size: 16384, pattern: BytePattern(seed: 7))
        try fs.hold(.read)
        let directory = try TemporaryDirectory.onDisk()
        async let run = DropIn.run([program, path.string], dropIn: dropIn, in: directory)
        // The C library takes one request of a descriptor at a time. One more is the program's own read(2).
        do {
            try await fs.wait(for: .read, dropIn ? 5 : 2, within: .seconds(20))
        } catch {
            // What waits for a file's position cannot be killed: it has to be let go before the program is waited for.
            try fs.release(.read)
            throw error
        }
        _ = try OpenDescriptor(directory.path("go"), .writeOnly, options: .create)
        let asked = await eventually(within: .seconds(25)) { access(directory.path("asked").string, F_OK) == 0 }
        try fs.release(.read)
        let output = try await run
        #expect(asked && output.status == 0, "\(output.text)")
    }
}
