import AIO

/// Part 3: the cost of ending many contexts, one after the other and together.
func manageContexts() async throws {
    let manager = ContextManager()
    let count = 8
    let clock = ContinuousClock()

    try await fill(manager, count)
    say("live", "\(await manager.count) contexts, each with 64 KiB written and read back")
    let oneByOne = try await clock.measure { try await manager.destroyOneByOne() }
    say("destroyed one by one", "\(oneByOne.text), \((oneByOne / count).text) each")

    try await fill(manager, count)
    let together = try await clock.measure { try await manager.destroyTogether() }
    say("destroyed together", together.text)
    say("left", "\(await manager.count) in the manager, \(AIOProcess.liveContexts) in the process")
}

private func fill(_ manager: ContextManager, _ count: Int) async throws {
    let length = 64 << 10
    for number in 0..<count {
        let context = try await manager.context("volume-\(number)")
        let file = try scratchFile(size: length, on: context)
        let data = AIOBuffer(copying: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) })
        try await file.writeAll(data, at: 0)
        guard try await file.readExactly(at: 0, count: length) == data else {
            throw AIOError(.inputOutput, operation: "reading back", advice: "other bytes than were written")
        }
        try await file.close()
    }
}
