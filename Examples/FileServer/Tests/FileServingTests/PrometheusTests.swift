import CoreMetrics
import PrometheusText
import Testing

@Suite("Prometheus text")
struct PrometheusTests {
    @Test("every kind of metric is written, with valid names and labels")
    func writes() {
        let registry = PrometheusRegistry()
        Counter(label: "a.count", dimensions: [("x", "q\"\\\n"), ("b", "1")], factory: registry).increment(by: 3)
        Counter(label: "a.count", dimensions: [("b", "1"), ("x", "q\"\\\n")], factory: registry).increment()
        FloatingPointCounter(label: "exact", factory: registry).increment(by: 0.25)
        Meter(label: "level", factory: registry).set(-2)
        Timer(label: "took", factory: registry).recordNanoseconds(1_500_000_000)
        Recorder(label: "size", factory: registry).record(7)
        for (bound, count) in [("+Inf", 3), ("0.5", 1), ("10.0", 2)] {
            Counter(label: "h_bucket", dimensions: [("le", bound)], factory: registry).increment(by: count)
        }
        Counter(label: "h_count", factory: registry).increment(by: 3)
        FloatingPointCounter(label: "h_sum", factory: registry).increment(by: 4.5)
        #expect(
            registry.text() == """
                # TYPE a_count_total counter
                a_count_total{b="1",x="q\\"\\\\\\n"} 4
                # TYPE exact_total counter
                exact_total 0.25
                # TYPE h histogram
                h_bucket{le="0.5"} 1
                h_bucket{le="10.0"} 2
                h_bucket{le="+Inf"} 3
                h_count 3
                h_sum 4.5
                # TYPE level gauge
                level -2
                # TYPE size summary
                size_sum 7
                size_count 1
                # TYPE took summary
                took_sum 1.5
                took_count 1

                """)
    }
}
