#if Services
    import CoreMetrics
    import TestSupport

    /// A metrics backend that records each push: its time and the counters' totals.
    ///
    /// An export ends with the gauges of the host and sets "aio_live_contexts" once, which marks the push.
    struct PushRecorder: PartialMetricsFactory {
        struct Push: Sendable {
            let time: ContinuousClock.Instant
            /// Totals by label, over all dimensions.
            let totals: [String: Int64]
        }

        struct State: Sendable {
            var totals: [String: Int64] = [:]
            var pushes: [Push] = []
        }

        private let state = Monitor(State())

        var pushes: [Push] { state.withLock { $0.pushes } }

        /// Waits until `condition` returns a value for the pushes so far.
        func wait<R: Sendable>(
            for what: String, until condition: @escaping @Sendable ([Push]) -> R?
        ) async throws -> R {
            try await state.wait(for: what) { condition($0.pushes) }
        }

        func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            RecordedCounter(label: label, state: state)
        }

        func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
            label == "aio_live_contexts" ? RecordedPush(state: state) : NOOPMetricsHandler.instance
        }

    }

    private final class RecordedCounter: CounterHandler {
        private let label: String
        private let state: Monitor<PushRecorder.State>

        init(label: String, state: Monitor<PushRecorder.State>) { (self.label, self.state) = (label, state) }

        func increment(by amount: Int64) { state.withLock { $0.totals[label, default: 0] += amount } }
        func reset() { state.withLock { $0.totals[label] = 0 } }
    }

    private final class RecordedPush: MeterHandler {
        private let state: Monitor<PushRecorder.State>

        init(state: Monitor<PushRecorder.State>) { self.state = state }

        func set(_ value: Int64) { state.withLock { $0.pushes.append(.init(time: .now, totals: $0.totals)) } }
        func set(_ value: Double) { set(Int64(value)) }
        func increment(by amount: Double) {}
        func decrement(by amount: Double) {}
    }
#endif
