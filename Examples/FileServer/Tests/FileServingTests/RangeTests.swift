import FileServing
import Testing

@Suite("Range, RFC 9110 section 14")
struct RangeTests {
    @Test(
        "what a field asks for",
        arguments: [
            ("bytes=0-4", RangeAnswer.part(0..<5)), ("bytes=9-9", .part(9..<10)), ("bytes=5-", .part(5..<10)),
            ("bytes=-3", .part(7..<10)), ("bytes=-99", .part(0..<10)), ("bytes=5-99", .part(5..<10)),
            ("BYTES=0-0", .part(0..<1)), ("bytes= 0-4 ", .part(0..<5)), ("bytes=,0-4,", .part(0..<5)),
            ("bytes=10-", .unsatisfiable), ("bytes=10-20", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .part(0..<10)),
            ("bytes=9223372036854775807-9223372036854775807", .unsatisfiable),
            ("bytes=-99999999999999999999", .part(0..<10)), ("bytes=0-9223372036854775807", .part(0..<10)),
            // Several: only one of them lies in the file, or the field is passed over.
            ("bytes=0-1,20-30", .part(0..<2)), ("bytes=0-1,4-5", .whole), ("bytes=20-,30-", .unsatisfiable),
            // Not byte ranges, or not well-formed.
            ("lines=0-4", .whole), ("bytes", .whole), ("bytes=", .whole), ("bytes=,", .whole), ("bytes=-", .whole),
            ("bytes=4-2", .whole), ("bytes=+1-2", .whole), ("bytes=a-b", .whole), ("bytes=1--2", .whole),
            ("bytes=0-1,x", .whole), ("bytes=0x1-2", .whole), ("", .whole),
        ])
    func answers(_ field: String, _ expected: RangeAnswer) {
        #expect(RangeAnswer(field, size: 10) == expected)
    }

    @Test("no field at all, and a file without bytes")
    func edges() {
        #expect(RangeAnswer(nil, size: 10) == .whole)
        #expect(RangeAnswer("bytes=0-", size: 0) == .unsatisfiable)
        #expect(RangeAnswer("bytes=-5", size: 0) == .whole)
    }
}
