internal import AIO
internal import AIOServices
internal import HTTPTypes
internal import Hummingbird
internal import PrometheusText

/// The files, and two pages of the server's own beside them: `/-/metrics` and `/-/health`. A directory named "-" in
/// the root cannot be reached.
struct Pages: Sendable {
    private let files: FileResponder
    private let service: AIOService
    private let registry: PrometheusRegistry
    private let metrics: AIOMetrics
    private let counters: ResponseCounters

    init(files: FileResponder, service: AIOService, registry: PrometheusRegistry) {
        self.files = files
        self.service = service
        self.registry = registry
        metrics = service.metrics
        counters = ResponseCounters(factory: registry)
    }

    func respond(to request: Request, _ connection: ConnectionContext) async -> Response {
        let response: Response
        switch request.uri.path {
        case "/-/metrics":
            // The current figures, not those of the last interval.
            metrics.export()
            response = page(request, .ok, registry.text())
        case "/-/health":
            let health = service.health()
            response = page(request, health.isHealthy ? .ok : .serviceUnavailable, "\(health)\n")
        case let path where path.hasPrefix("/-/"): response = .text(.notFound)
        default: response = await files.respond(to: request, connection)
        }
        counters.count(response)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func page(_ request: Request, _ status: HTTPResponse.Status, _ text: String) -> Response {
        guard request.method == .get || request.method == .head else {
            return .text(.methodNotAllowed, [.allow: "GET, HEAD"])
        }
        return .text(status, [:], text)
    }
}
