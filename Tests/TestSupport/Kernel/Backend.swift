internal import AIOEngine
internal import CTestSupport
internal import Glibc
public import Testing

/// What the contexts and engines of the tests do their I/O with.
public enum Backend {
    /// Whether the kernel's AIO is refused in this process, so that blocking threads take its place: `scripts/test-threads`.
    public static let isThreads: Bool = {
        guard let list = getenv("AIO_TESTS_REFUSE") else { return false }
        return String(cString: list).contains("io_setup")
    }()
}

/// Called by the test process's first function, before any test.
@_cdecl("test_fall_back_by_default")
func fallBackByDefault() { Engine.Configuration.fallsBackByDefault = true }

extension Trait where Self == ConditionTrait {
    /// Marks a test that states facts about iocbs, and that a test on threads is the twin of.
    public static var kernel: Self {
        .disabled(if: Backend.isThreads, "states facts about the kernel's AIO, which is refused here")
    }

    /// Marks the twin of a test about the kernel's AIO, which needs that to be refused.
    public static var threads: Self {
        .enabled(if: Backend.isThreads, "runs where the kernel's AIO is refused: scripts/test-threads")
    }
}
