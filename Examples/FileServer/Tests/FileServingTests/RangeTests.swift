import FileServing
import Testing

@Suite("Range, RFC 9110 section 14")
struct RangeTests {
    @Test(
        "a field selects a part, the whole file or nothing",
        arguments: [
            ("bytes=0-4", RangeSelection.part(0..<5)), ("bytes=9-9", .part(9..<10)), ("bytes=5-", .part(5..<10)),
            ("bytes=-3", .part(7..<10)), ("bytes=-99", .part(0..<10)), ("bytes=5-99", .part(5..<10)),
            ("BYTES=0-0", .part(0..<1)), ("bytes= 0-4 ", .part(0..<5)), ("bytes=,0-4,", .part(0..<5)),
            ("bytes=10-", .unsatisfiable), ("bytes=10-20", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .part(0..<10)),
            ("bytes=9223372036854775807-9223372036854775807", .unsatisfiable),
            ("bytes=-99999999999999999999", .part(0..<10)), ("bytes=0-9223372036854775807", .part(0..<10)),
            // Several ranges: one of them lies in the file, or the field is ignored.
            ("bytes=0-1,20-30", .part(0..<2)), ("bytes=0-1,4-5", .whole), ("bytes=20-,30-", .unsatisfiable),
            // Not byte ranges, or not well-formed.
            ("lines=0-4", .whole), ("bytes", .whole), ("bytes=", .whole), ("bytes=,", .whole), ("bytes=-", .whole),
            ("bytes=4-2", .whole), ("bytes=+1-2", .whole), ("bytes=a-b", .whole), ("bytes=1--2", .whole),
            ("bytes=0-1,x", .whole), ("bytes=0x1-2", .whole), ("", .whole),
        ])
    func selects(_ field: String, _ expected: RangeSelection) {
        #expect(RangeSelection(field, size: 10) == expected)
    }

    @Test("without a field, and of an empty file")
    func edges() {
        #expect(RangeSelection(nil, size: 10) == .whole)
        #expect(RangeSelection("bytes=0-", size: 0) == .unsatisfiable)
        #expect(RangeSelection("bytes=-5", size: 0) == .whole)
    }
}
