import AIO
import Testing

/// Checks what must hold once all operations have completed.
func expectBalanced(_ statistics: AIOStatistics, _ location: SourceLocation = #_sourceLocation) {
    #expect(statistics.submitted + statistics.inline == statistics.completed, sourceLocation: location)
    #expect((statistics.inFlight, statistics.pending) == (0, 0), sourceLocation: location)
    #expect(statistics.spuriousEvents == 0, sourceLocation: location)
}
