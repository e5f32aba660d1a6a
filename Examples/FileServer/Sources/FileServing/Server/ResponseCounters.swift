internal import CoreMetrics
internal import Hummingbird
internal import Synchronization

/// Counts responses by status, and their bytes. Making a counter searches all of the registry's, so each is made once.
final class ResponseCounters: Sendable {
    private let factory: any MetricsFactory
    private let bytes: Counter
    private let byStatus = Mutex<[Int: Counter]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
        bytes = Counter(label: "http_response_bytes", factory: factory)
    }

    func count(_ response: Response) {
        counter(of: response.status.code).increment()
        if let length = response.body.contentLength { bytes.increment(by: length) }
    }

    private func counter(of status: Int) -> Counter {
        byStatus.withLock { counters in
            if let known = counters[status] { return known }
            let made = Counter(label: "http_responses", dimensions: [("status", "\(status)")], factory: factory)
            counters[status] = made
            return made
        }
    }
}
