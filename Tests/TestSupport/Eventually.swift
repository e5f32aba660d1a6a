/// Waits until `condition` holds, by polling: for changes made by another thread that cannot be waited for.
///
/// - Returns: whether it held within the time. `#expect(await eventually { … })` is how it is used.
public func eventually(
    within limit: Duration = .seconds(120), every interval: Duration = .milliseconds(1),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < deadline else { return false }
        // A cancelled task's sleep returns at once; the deadline still holds.
        do { try await Task.sleep(for: interval) } catch { await Task.yield() }
    }
}
