import AIO

extension AIOContext.Configuration {
    /// Returns the default configuration with a queue of this depth.
    static func depth(_ queueDepth: Int) -> AIOContext.Configuration {
        var configuration = AIOContext.Configuration()
        configuration.queueDepth = queueDepth
        return configuration
    }

    /// The default configuration with a single blocking thread.
    static var oneBlockingThread: AIOContext.Configuration {
        var configuration = AIOContext.Configuration()
        configuration.blockingThreads = 1
        return configuration
    }
}

/// Returns a small configuration for tests of teardown and cancellation.
func lifecycleConfiguration(depth: Int = 8, blockingThreads: Int = 4, name: String = "life") -> AIOContext.Configuration
{
    var configuration = AIOContext.Configuration()
    configuration.queueDepth = depth
    configuration.blockingThreads = blockingThreads
    configuration.name = name
    return configuration
}
