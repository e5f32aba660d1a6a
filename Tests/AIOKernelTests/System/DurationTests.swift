import AIOKernel
import Testing

@Suite struct DurationTests {
    private static let cases: [(Duration, Int64)] = [
        (.zero, 0),
        (.nanoseconds(1), 1),
        (.nanoseconds(-1), 0),
        (.microseconds(1500), 1_500_000),
        (.seconds(1), 1_000_000_000),
        (.seconds(-1), 0),
        (.milliseconds(-1500), 0),
        (.nanoseconds(Int64.max), Int64.max),
        (.nanoseconds(Int64.max - 1), Int64.max - 1),
        (.seconds(9_223_372_036), 9_223_372_036_000_000_000),
        (.seconds(9_223_372_037), Int64.max),
        (Duration(secondsComponent: 9_223_372_036, attosecondsComponent: 854_775_807_000_000_000), Int64.max),
        (Duration(secondsComponent: 9_223_372_036, attosecondsComponent: 854_775_808_000_000_000), Int64.max),
        (.seconds(Int64.max), Int64.max),
        (.seconds(Int64.min), 0),
        (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
    ]

    @Test(arguments: cases)
    func durationIsClampedToNanoseconds(duration: Duration, nanoseconds: Int64) {
        #expect(duration.clampedNanoseconds == nanoseconds)
    }
}
