import AIO

/// Owns contexts by name: makes them, returns them, ends them.
actor ContextManager {
    private var contexts: [String: AIOContext] = [:]

    var count: Int { contexts.count }

    /// Returns the context of this name, made if there is none yet.
    func context(_ name: String, queueDepth: Int = 64) throws -> AIOContext {
        if let context = contexts[name] { return context }
        var configuration = AIOContext.Configuration()
        configuration.name = name
        configuration.queueDepth = queueDepth
        let context = try AIOContext(configuration)
        contexts[name] = context
        return context
    }

    /// Ends one context. Code that still holds it gets ``AIOError/Code/shutDown`` from then on.
    func destroy(_ name: String) async throws {
        try await contexts.removeValue(forKey: name)?.shutdown()
    }

    /// Ends all contexts, one after the other. Each io_destroy(2) waits for an RCU grace period of its own.
    func destroyOneByOne() async throws {
        for context in removeAll() { try await context.shutdown() }
    }

    /// Ends all contexts at once: they wait for the same grace period.
    func destroyTogether() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for context in removeAll() { group.addTask { try await context.shutdown() } }
            try await group.waitForAll()
        }
    }

    // Removes the contexts before the first suspension: an actor is re-entrant, and no caller may get a context that ends.
    private func removeAll() -> [AIOContext] {
        defer { contexts = [:] }
        return Array(contexts.values)
    }
}
