internal import CAIOShims
internal import Synchronization

/// Several contexts, each with its own kernel context and its own thread: for more work than one core can do.
///
/// A file belongs to one context. Distribute the files over the contexts, or open the same file once per context.
public final class AIOContextGroup: Sendable {
    /// The contexts, in the order in which ``next()`` returns them.
    public let contexts: [AIOContext]
    /// How often ``next()`` was called.
    private let calls = Atomic<UInt>(0)

    /// Makes `count` contexts of one configuration.
    ///
    /// - Parameters:
    ///   - count: 1 … 4,096; by default the number of cores that the process may use. Each context reserves its own
    ///     `queueDepth`.
    ///   - configuration: of each context; a number is added to the name.
    /// - Throws: what ``AIOContext/init(_:)`` throws; the contexts made before the failure are dropped again.
    ///   ``AIOError/Code/invalidArgument`` for a count outside of these limits.
    public init(
        count: Int = AIOContextGroup.availableCores, configuration: AIOContext.Configuration = .init()
    ) throws(AIOError) {
        guard count >= 1, count <= 4096 else {
            throw AIOError(
                .invalidArgument, operation: "making a group of contexts",
                advice: "count is \(count); it must be between 1 and 4096")
        }
        var contexts: [AIOContext] = []
        for number in 0..<count {
            var configuration = configuration
            configuration.name += "-\(number)"
            contexts.append(try AIOContext(configuration))
        }
        self.contexts = contexts
    }

    /// Returns the contexts one after the other, round robin. Any number of tasks may call it.
    public func next() -> AIOContext {
        contexts[Int(calls.add(1, ordering: .relaxed).oldValue % UInt(contexts.count))]
    }

    /// Shuts all contexts down concurrently: each io_destroy(2) takes 30 ms and more, which would add up in sequence.
    ///
    /// - Parameter mode: as of ``AIOContext/shutdown(_:)``, for every context.
    /// - Throws: the first error of ``AIOContext/shutdown(_:)``, once all contexts have returned from it. Task
    ///   cancellation does not cut it short.
    public func shutdown(_ mode: AIOContext.Shutdown = .drain()) async throws {
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            for context in contexts {
                group.addTask {
                    do {
                        try await context.shutdown(mode)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var first: (any Error)?
            for await error in group { first = first ?? error }
            return first
        }
        if let failure { throw failure }
    }

    /// How many cores this process may run on: sched_getaffinity(2).
    public static var availableCores: Int { Int(caio_available_cores()) }
}
