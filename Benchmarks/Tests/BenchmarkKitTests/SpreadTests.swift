import BenchmarkKit
import Testing

@Suite struct SpreadTests {
    @Test func ofNothingIsNothing() { #expect(Spread([]) == nil) }

    @Test func ofAnOddCountIsTheMiddleOne() {
        let spread = Spread([9, 1, 5])
        #expect(spread?.median == 5)
        #expect(spread?.minimum == 1)
        #expect(spread?.maximum == 9)
        #expect(spread?.relative == 0.8)
    }

    @Test func ofAnEvenCountIsBetweenTheMiddleTwo() { #expect(Spread([4, 1, 2, 3])?.median == 2.5) }

    @Test func ofZerosHasNoRelativeWidth() { #expect(Spread([0, 0])?.relative == 0) }
}
