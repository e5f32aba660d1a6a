internal import CAIOShims
internal import Synchronization

/// Several contexts, each with its own kernel ring and its own thread: for work that one core cannot do.
///
/// Files belong to one context each, so spread files, or open the same file once per context.
public final class AIOContextGroup: Sendable {
    /// The contexts, in the order ``next()`` takes them.
    public let contexts: [AIOContext]
    private let turn = Atomic<UInt>(0)

    /// Makes `count` contexts of one configuration.
    ///
    /// - Parameters:
    ///   - count: 1 and up; the number of cores that the process may use by default. Each context reserves
    ///     its own `queueDepth`.
    ///   - configuration: of each; the name gets a number.
    /// - Throws: what ``AIOContext/init(_:)`` throws; those made before are let go again.
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

    /// The contexts in turn, from any number of tasks.
    public func next() -> AIOContext {
        contexts[Int(turn.add(1, ordering: .relaxed).oldValue % UInt(contexts.count))]
    }

    /// Shuts all contexts down side by side: io_destroy(2) takes 30 ms and more, one after the other it adds up.
    ///
    /// - Throws: the first error of ``AIOContext/shutdown(_:)``, once all of them have returned.
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

    /// The cores that this process may run on: sched_getaffinity(2).
    public static var availableCores: Int { Int(caio_available_cores()) }
}
