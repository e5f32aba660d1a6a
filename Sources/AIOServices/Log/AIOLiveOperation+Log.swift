#if Services
    internal import AIO
    internal import Logging
    internal import SystemPackage

    extension AIOLiveOperation {
        /// What the log says of an operation. The keys are stable.
        var metadata: Logger.Metadata {
            var metadata: Logger.Metadata = [
                "operation": "\(kind.rawValue)", "stage": "\(stage.rawValue)", "age": "\(age)",
            ]
            if let path { metadata["file"] = "\(path)" }
            if let offset { metadata["offset"] = "\(offset)" }
            if let count { metadata["count"] = "\(count)" }
            if isAbandoned { metadata["abandoned"] = "true" }
            return metadata
        }
    }
#endif
