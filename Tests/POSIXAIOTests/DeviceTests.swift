import Glibc
import SystemPackage
import TestSupport
import Testing

/// Tests that need a device of their own.
@Suite("libposixaio.so on devices", .serialized)
struct DeviceTests {
    @Test(
        "a block device is written and read back, direct and buffered", .timeLimit(.minutes(3)),
        .enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"), arguments: [false, true])
    func blockDeviceIsWrittenAndReadBack(_ dropIn: Bool) async throws {
        let program = try DropIn.program(DropIn.test("device"), wide: true)
        let device = try LoopDevice(size: 1 << 20)
        let run = try await DropIn.run([program, device.path.string], dropIn: dropIn)
        #expect(run.status == 0, "\(run.text)")
    }

    @Test(
        "a read that the device has is not cancelled", .timeLimit(.minutes(3)),
        .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"), arguments: [false, true])
    func readInFlightIsNotCancelled(_ dropIn: Bool) async throws {
        let program = try DropIn.program(DropIn.test("inflight"), wide: true)
        let fs = try SlowFileSystem()
        let path = try fs.addFile("data", size: 16384, pattern: BytePattern(seed: 7))
        try fs.hold(.read)
        let directory = try TemporaryDirectory.onDisk()
        async let run = DropIn.run([program, path.string], dropIn: dropIn, in: directory)
        // The C library carries out one request per descriptor at a time. One more is the program's own read(2).
        do {
            try await fs.wait(for: .read, dropIn ? 5 : 2, within: .seconds(20))
        } catch {
            // A thread that waits for a file's position cannot be killed: release it before waiting for the program.
            try fs.release(.read)
            throw error
        }
        _ = try OpenDescriptor(directory.path("go"), .writeOnly, options: .create)
        let tried = await eventually(within: .seconds(25)) { access(directory.path("tried").string, F_OK) == 0 }
        try fs.release(.read)
        let output = try await run
        #expect(tried && output.status == 0, "\(output.text)")
    }
}
