import TestSupport
import Testing

/// What the types forbid: programs that must not compile against the modules under test.
@Suite(.enabled(if: Compiler.missing == nil, "needs \(Compiler.missing ?? "")"))
struct CompileFailureTests {
    private func compile(_ body: String) throws -> Command.Output {
        try Compiler.compile("import AIOKernel\nfunc run() throws {\n\(body)\n}\n")
    }

    @Test func controlProgramCompiles() throws {
        let output = try compile(
            """
            let context = try KernelContext(capacity: 1)
            _ = try context.events(minimum: 0, maximum: 1, timeout: .zero)
            try context.destroy()
            """)
        #expect(output.status == 0)
        #expect(output.text == "")
    }

    @Test func destroyingTwiceDoesNotCompile() throws {
        let output = try compile(
            """
            let context = try KernelContext(capacity: 1)
            try context.destroy()
            try context.destroy()
            """)
        #expect(output.status != 0)
        #expect(output.text.contains("error: 'context' consumed more than once"))
    }

    @Test func useAfterDestroyDoesNotCompile() throws {
        let output = try compile(
            """
            let context = try KernelContext(capacity: 1)
            try context.destroy()
            _ = try context.events(minimum: 0, maximum: 1, timeout: .zero)
            """)
        #expect(output.status != 0)
        #expect(output.text.contains("error: 'context' used after consume"))
    }

    @Test func copyDoesNotCompile() throws {
        let output = try compile(
            """
            let context = try KernelContext(capacity: 1)
            let second = copy context
            try second.destroy()
            """)
        #expect(output.status != 0)
        #expect(output.text.contains("error: 'copy' cannot be applied to noncopyable types"))
    }

    @Test func useAfterMovingItAwayDoesNotCompile() throws {
        let output = try compile(
            """
            let context = try KernelContext(capacity: 1)
            let second = context
            try second.destroy()
            try context.destroy()
            """)
        #expect(output.status != 0)
        #expect(
            output.text.contains("error: 'context' used after consume")
                || output.text.contains("consumed more than once"))
    }

    @Test func copyOfATableDoesNotCompile() throws {
        let output = try compile("let table = ControlBlockTable(count: 1)\n_ = copy table")
        #expect(output.status != 0)
        #expect(output.text.contains("error: 'copy' cannot be applied to noncopyable types"))
    }
}
