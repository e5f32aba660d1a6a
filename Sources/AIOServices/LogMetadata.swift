#if Services
    internal import AIO
    internal import Logging
    internal import SystemPackage

    // What the log says of contexts, operations and problems, by keys that do not change.

    extension AIOContext {
        var metadata: Logger.Metadata { ["aio-context": "\(configuration.name)"] }
    }

    extension AIOLiveOperation {
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

    extension AIOHealth.Problem {
        /// Kind and context: the same for as long as the same is wrong.
        var name: String {
            switch self {
            case .stuck(let context, _): "stuck/\(context)"
            case .errorRate(let context, _, _, _): "error-rate/\(context)"
            case .backlog(let context, _, _): "backlog/\(context)"
            case .systemLimit: "system-limit"
            }
        }

        var metadata: Logger.Metadata { ["problem": "\(name)", "detail": "\(description)"] }
    }
#endif
