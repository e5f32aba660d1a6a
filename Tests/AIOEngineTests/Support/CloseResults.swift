import TestSupport

/// The results that the callbacks of `close` received.
struct CloseResults: Sendable {
    let all = Monitor<[Int]>([])

    var completion: @Sendable (Int) -> Void {
        { result in self.all.withLock { $0.append(result) } }
    }

    func wait(for count: Int) async throws -> [Int] {
        try await all.wait(for: "\(count) results of close") { $0.count >= count ? $0 : nil }
    }
}
