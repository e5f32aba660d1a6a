import TestSupport
import Testing

/// Programs that the types of POSIXAIO forbid and that must not compile, against the very module that is tested.
@Suite("Misuse of POSIXAIO does not compile", .enabled(if: Compiler.missing == nil, "needs \(Compiler.missing ?? "")"))
struct CompileFailureTests {
    private func compile(_ body: String) throws -> Command.Output {
        try Compiler.compile(
            """
            import POSIXAIO
            import SystemPackage
            func run(_ file: FileDescriptor) throws {
            \(body)
            }

            """)
    }

    @Test("a correct program compiles") func correctProgramCompiles() throws {
        let output = try compile(
            """
            let request = POSIXRequest(reading: file, at: 0, into: RequestBuffer(count: 8))
            try request.submit()
            try POSIXRequest.suspend([request])
            let result = try request.result()
            _ = result.buffer.bytes()
            """)
        #expect(output.status == 0 && output.text == "", "\(output.text)")
    }

    @Test("a buffer cannot be used after a request took it") func bufferIsConsumedByItsRequest() throws {
        let output = try compile(
            """
            var buffer = RequestBuffer(count: 8)
            let request = POSIXRequest(reading: file, at: 0, into: buffer)
            try request.submit()
            buffer.withUnsafeMutableBytes { $0[0] = 1 }
            """)
        #expect(output.status != 0 && output.text.contains("error: 'buffer' used after consume"), "\(output.text)")
    }

    @Test("a buffer cannot be given to two requests") func bufferHasOneRequest() throws {
        let output = try compile(
            """
            let buffer = RequestBuffer(count: 8)
            let first = POSIXRequest(reading: file, at: 0, into: buffer)
            let second = POSIXRequest(reading: file, at: 8, into: buffer)
            _ = (first, second)
            """)
        #expect(output.status != 0 && output.text.contains("error: 'buffer' consumed more than once"), "\(output.text)")
    }

    @Test("a result cannot be copied") func resultIsNotCopyable() throws {
        let output = try compile(
            """
            let result = try POSIXRequest(synchronizing: file).result()
            let second = copy result
            _ = second.count
            """)
        #expect(
            output.status != 0 && output.text.contains("error: 'copy' cannot be applied to noncopyable types"),
            "\(output.text)")
    }
}
