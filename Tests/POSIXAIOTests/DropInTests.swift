import SystemPackage
import TestSupport
import Testing

@Suite("libposixaio.so", .serialized)
struct DropInTests {
    private static let programs = [
        "read", "write", "fsync", "suspend", "cancel", "listio", "notify", "streams", "process", "limit", "ranks",
        "init",
    ]
    private static let names = [
        "aio_read", "aio_write", "aio_fsync", "aio_error", "aio_return", "aio_suspend", "aio_cancel", "lio_listio",
    ]
    private static var everyName: Set<String> { Set(names + names.map { $0 + "64" } + ["aio_init"]) }

    @Test(
        "a program's expectations hold with the C library's AIO and with the drop-in", .timeLimit(.minutes(5)),
        arguments: programs)
    func expectationsHoldWithBoth(_ name: String) async throws {
        for wide in [false, true] {
            let program = try DropIn.program(DropIn.test(name), wide: wide)
            for dropIn in [false, true] {
                let run = try await DropIn.run([program], dropIn: dropIn)
                #expect(run.status == 0, "\(dropIn ? "drop-in" : "C library")\(wide ? ", 64 bits" : ""): \(run.text)")
            }
        }
    }

    @Test("every name of aio.h, in both widths, resolves to the drop-in")
    func everyNameResolvesToTheDropIn() async throws {
        let program = try DropIn.program(DropIn.test("names"), wide: false)
        let library = try DropIn.library.get()
        let lines = try await DropIn.run([program], dropIn: true).text.split(separator: "\n").map(String.init)
        #expect(Set(lines) == Set(Self.everyName.map { "\($0) \(library)" }))
    }

    @Test(
        "no call of a client is bound to the C library",
        arguments: programs)
    func everyCallIsBoundToTheDropIn(_ name: String) async throws {
        for wide in [false, true] {
            let program = try DropIn.program(DropIn.test(name), wide: wide)
            let run = try await DropIn.run(
                [program], dropIn: true, environment: ["LD_DEBUG=bindings", "LD_BIND_NOW=1"])
            let bindings = run.text.split(separator: "\n").filter { line in
                Self.everyName.contains { line.contains("`\($0)'") } && line.contains("binding file \(program)")
            }
            #expect(!bindings.isEmpty)
            let library = try DropIn.library.get()
            for line in bindings {
                #expect(line.contains("to \(library)"), "\(line)")
                // The calls have the width that the program was compiled for.
                #expect(line.contains("64'") == wide || line.contains("aio_init'"), "\(line)")
            }
        }
    }

    @Test(
        "it exports no other name, and needs no library of Swift and no libaio",
        .enabled(if: Command.find("readelf") != nil, "needs readelf"))
    func libraryIsSelfContained() throws {
        let library = try DropIn.library.get()
        let symbols = try Command.run(["readelf", "-W", "--dyn-syms", library]).text
        var defined: Set<String> = []
        for line in symbols.split(separator: "\n") {
            // Num: Value Size Type Bind Vis Ndx Name
            let words = line.split(separator: " ")
            guard words.count == 8, words[0].last == ":", words[4] != "LOCAL", words[6] != "UND", words[7] != "Name"
            else { continue }
            defined.insert(String(words[7]))
        }
        #expect(defined == Self.everyName)
        let needed = try Command.run(["readelf", "-d", library]).text
        #expect(needed.contains("NODELETE"))
        for name in ["libswift", "libaio", "libdispatch", "libFoundation"] {
            #expect(!needed.contains("[\(name)"), "\(needed)")
        }
    }
}
