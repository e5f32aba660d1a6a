#if Services
    internal import AIO
    internal import Logging

    extension AIOHealth.Problem {
        /// The kind of the problem and its context: the same for as long as the problem lasts.
        var id: String {
            switch self {
            case .stuck(let context, _): "stuck/\(context)"
            case .errorRate(let context, _, _, _): "error-rate/\(context)"
            case .backlog(let context, _, _): "backlog/\(context)"
            case .systemLimit: "system-limit"
            }
        }

        /// What the log says of a problem. The keys are stable.
        var metadata: Logger.Metadata { ["problem": "\(id)", "detail": "\(description)"] }
    }
#endif
