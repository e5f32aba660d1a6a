import AIO

/// A line every `interval`, until cancelled: what a health endpoint would answer.
func reportHealth(of context: AIOContext, every interval: Duration) async {
    var last = context.statistics
    while true {
        do { try await Task.sleep(for: interval) } catch { return }
        let now = context.statistics
        say(health(now, since: last), progress(now, since: last, interval))
        last = now
    }
}

/// One word for a load balancer.
private func health(_ now: AIOStatistics, since last: AIOStatistics) -> String {
    // Turned away: more comes in than the device takes.
    if now.overloaded > last.overloaded { return "overloaded" }
    if now.failed > last.failed { return "failing" }
    // Nothing came back although something is out: the device does not answer.
    if now.inFlight > 0, now.completed == last.completed { return "stuck" }
    return "healthy"
}

private func progress(_ now: AIOStatistics, since last: AIOStatistics, _ interval: Duration) -> String {
    "\(now.completed - last.completed) operations, \(now.inFlight) in flight, \(now.pending) pending, "
        + "\(now.failed - last.failed) failed, p99 \(now.latency.quantile(0.99).text)"
}

/// The sums at the end, and that they come out.
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
