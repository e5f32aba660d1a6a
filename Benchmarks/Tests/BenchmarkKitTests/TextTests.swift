import BenchmarkKit
import Testing

@Suite struct TextTests {
    @Test func aTableAlignsNamesLeftAndNumbersRight() {
        var table = TextTable(["name", "n"])
        table.append(["a", "1"])
        table.append(["longer", "1,000"])
        #expect(table.lines == ["name        n", "──────  ─────", "a           1", "longer  1,000"])
    }

    @Test func aShortRowLeavesItsCellsEmpty() {
        var table = TextTable(["a", "b"])
        table.append(["x"])
        #expect(table.lines.last == "x")
    }

    @Test(arguments: [
        (1.234, "1.23"), (9.994, "9.99"), (45.61, "45.6"), (99.97, "100"), (12345.4, "12,345"), (0, "0.00"),
    ])
    func numbersHaveThreeDigits(_ value: Double, _ text: String) { #expect(Format.number(value) == text) }

    @Test(arguments: [(950.0, "950"), (12_000, "12k"), (1_500_000, "1.5M"), (0.25, "0.25"), (0, "0"), (2_500, "2.5k")])
    func axisNumbersAreShort(_ value: Double, _ text: String) { #expect(Format.short(value) == text) }

    @Test(arguments: [("4k", 4096), ("128K", 131_072), ("1m", 1_048_576), ("2g", 2_147_483_648), ("512", 512)])
    func sizesAreRead(_ text: String, _ bytes: Int) { #expect(Format.parseSize(text) == bytes) }

    @Test(arguments: ["", "k", "-4k", "0", "4kb", "x", "9223372036854775807g"])
    func otherTextIsRefusedAsASize(_ text: String) { #expect(Format.parseSize(text) == nil) }

    @Test(arguments: [4096, 131_072, 1 << 20, 512, 1536])
    func blockSizesSurviveTheirShortForm(_ bytes: Int) { #expect(Format.parseSize(Format.blockSize(bytes)) == bytes) }

    @Test(arguments: [20, 60, 80, 200]) func theBarFitsItsTerminal(_ width: Int) {
        for fraction in [0, 0.02, 0.5, 1, 1.2] {
            let bar = ProgressDisplay.bar(
                fraction: fraction, label: "4 KiB random reads, direct, on disk, depth 32", elapsed: 12, width: width)
            #expect(bar.count < width)
        }
    }

    @Test func durationsAreMinutesAndSeconds() {
        #expect(ProgressDisplay.duration(59) == "59 s")
        #expect(ProgressDisplay.duration(61) == "1:01")
    }
}
