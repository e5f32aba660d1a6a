import AIO

/// Prints a line every `interval` until it is cancelled: what a health endpoint would return.
func reportHealth(of context: AIOContext, every interval: Duration) async {
    var last = context.statistics
    while true {
        do { try await Task.sleep(for: interval) } catch { return }
        let now = context.statistics
        say(health(now, since: last), progress(now, since: last, interval))
        last = now
    }
}

/// Returns one word for a load balancer.
private func health(_ now: AIOStatistics, since last: AIOStatistics) -> String {
    // Operations were refused: more are started than the device completes.
    if now.overloaded > last.overloaded { return "overloaded" }
    if now.failed > last.failed { return "failing" }
    // Operations are in flight and none has completed: the device does not respond.
    if now.inFlight > 0, now.completed == last.completed { return "stuck" }
    return "healthy"
}

private func progress(_ now: AIOStatistics, since last: AIOStatistics, _ interval: Duration) -> String {
    "\(now.completed - last.completed) operations, \(now.inFlight) in flight, \(now.pending) pending, "
        + "\(now.failed - last.failed) failed, p99 \(now.latency.quantile(0.99).text)"
}

/// Prints the counters at the end, and checks that the sums agree.
func sayStatistics(_ statistics: AIOStatistics) {
    let s = statistics
    say("reads, writes, polls", "\(s.operations.reads), \(s.operations.writes), \(s.operations.polls)")
    say("as iocbs, without", "\(s.submitted), \(s.inline)")
    say("iocbs per io_submit", "\(Int(s.blocksPerSubmit * 10) / 10).\(Int(s.blocksPerSubmit * 10) % 10)")
    say("read, written", "\(s.bytesRead >> 10) KiB, \(s.bytesWritten >> 10) KiB")
    say(
        "p50, p99, maximum",
        "\(s.latency.quantile(0.5).text), \(s.latency.quantile(0.99).text), \(s.latency.maximum.text)")
    say("failed, cancelled by kernel", "\(s.failed), \(s.cancelledByKernel)")
    let adds = s.submitted + s.inline == s.completed + s.inFlight
    say(
        "submitted + inline",
        "\(adds ? "=" : "IS NOT") completed + in flight: "
            + "\(s.submitted) + \(s.inline), \(s.completed) + \(s.inFlight)")
}
