#if Services
    internal import AIO
    internal import Logging

    extension AIOContext {
        /// What the log says of a context. The keys are stable.
        var metadata: Logger.Metadata { ["aio-context": "\(configuration.name)"] }
    }
#endif
