import AIO

/// Owns a set of contexts by name: makes them, hands them out, ends them all.
actor ContextManager {
    private var contexts: [String: AIOContext] = [:]

    var count: Int { contexts.count }

    /// The context of this name, made if it is not there yet.
    func context(_ name: String, queueDepth: Int = 64) throws -> AIOContext {
        if let context = contexts[name] { return context }
        var configuration = AIOContext.Configuration()
        configuration.name = name
        configuration.queueDepth = queueDepth
        let context = try AIOContext(configuration)
        contexts[name] = context
        return context
    }

    /// Ends one; whoever still holds it gets ``AIOError/Code/shutDown`` from it.
    func destroy(_ name: String) async throws {
        try await contexts.removeValue(forKey: name)?.shutdown()
    }

    /// Ends one after the other. Each io_destroy(2) waits for the kernel's RCU grace period by itself.
    func destroyOneByOne() async throws {
        for context in takeAll() { try await context.shutdown() }
    }

    /// Ends all of them at once: they wait for the same grace period together.
    func destroyTogether() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for context in takeAll() { group.addTask { try await context.shutdown() } }
            try await group.waitForAll()
        }
    }

    // Taken out before the first suspension: an actor is re-entrant, and nobody shall be handed one that ends.
    private func takeAll() -> [AIOContext] {
        defer { contexts = [:] }
        return Array(contexts.values)
    }
}
