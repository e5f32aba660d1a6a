extension ScriptedKernel {
    /// Holds calls until it is opened.
    package final class Gate: Sendable, CustomStringConvertible {
        private let state = Monitor((isOpen: false, reached: false))
        package init() {}
        package func open() { state.withLock { $0.isOpen = true } }

        /// Waits until a call hangs here.
        package func waitUntilReached() async throws {
            try await state.wait(for: "a call to hang") { $0.reached ? () : nil }
        }

        /// Waits until the gate is open. Gives up in the end, so that no thread hangs for ever if the test does not open it.
        func pass() {
            state.withLock { $0.reached = true }
            _ = try? state.wait(for: "the gate to open") { $0.isOpen ? true : nil }
        }

        package var description: String { "gate" }
    }
}
