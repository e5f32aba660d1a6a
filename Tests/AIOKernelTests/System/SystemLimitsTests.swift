import AIOKernel
import TestSupport
import Testing

@Suite struct SystemLimitsTests {
    @Test func currentLimitsCountAContext() async throws {
        try await ProcessLock.aioEvents.withLock {
            let context = try KernelContext(capacity: 2000)
            let limits = try SystemLimits.current()
            #expect(limits.inUse >= 2000)
            #expect(limits.maximum >= limits.inUse)
            #expect(limits.available == limits.maximum - limits.inUse)
            try context.destroy()
        }
    }

    @Test(arguments: [
        ("0\n", 0), ("65536\n", 65536), ("12", 12), ("", nil), ("\n", nil), ("x1", nil), ("7x", 7),
        ("9223372036854775807\n", Int.max), ("9223372036854775808\n", .max), ("18446744073709551615\n", .max),
    ])
    func numberIsReadAndNeverOverflows(text: String, number: Int?) {
        #expect(SystemLimits.number(in: text.utf8) == number)
    }

    @Test func nothingIsAvailableOnceTheMaximumIsBelowWhatIsInUse() {
        #expect(SystemLimits(inUse: 10, maximum: 4).available == 0)
        #expect(SystemLimits(inUse: 0, maximum: .max).available == .max)
        #expect(SystemLimits(inUse: -1, maximum: -1).available == 0)
    }

    @Test func adviceNamesASettingThatSuffices() {
        let advice = SystemLimits(inUse: 65000, maximum: 65536).advice(capacity: 1000)
        #expect(advice.hasPrefix("1000 events were asked for, 536 are left"))
        #expect(advice.hasSuffix("sysctl -w fs.aio-max-nr=130536"))
    }

    @Test func adviceOnUnlimitedLimitsDoesNotOverflow() {
        #expect(SystemLimits(inUse: .max, maximum: .max).advice(capacity: 1).hasSuffix("=\(Int.max)"))
    }
}
