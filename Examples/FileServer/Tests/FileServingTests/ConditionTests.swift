import FileServing
import HTTPTypes
import Testing

@Suite("conditions, RFC 9110 section 13")
struct ConditionTests {
    static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    let file = Validators(tag: "\"a\"", modified: 784_111_777)

    @Test(
        "each condition alone, and which of two counts",
        arguments: [
            ([:], ConditionResult.proceed),
            (["If-None-Match": "\"a\""], .notModified), (["If-None-Match": "W/\"a\""], .notModified),
            (["If-None-Match": "\"b\", \"a\""], .notModified), (["If-None-Match": "*"], .notModified),
            (["If-None-Match": "\"b\""], .proceed),
            (["If-Modified-Since": date], .notModified), (["If-Modified-Since": earlier], .proceed),
            (["If-Modified-Since": "nonsense"], .proceed),
            (["If-None-Match": "\"b\"", "If-Modified-Since": date], .proceed),
            (["If-Match": "\"a\""], .proceed), (["If-Match": "*"], .proceed),
            (["If-Match": "\"b\""], .preconditionFailed), (["If-Match": "W/\"a\""], .preconditionFailed),
            (["If-Unmodified-Since": date], .proceed), (["If-Unmodified-Since": earlier], .preconditionFailed),
            (["If-Match": "\"a\"", "If-Unmodified-Since": earlier], .proceed),
        ] as [([String: String], ConditionResult)])
    func evaluates(_ fields: [String: String], _ expected: ConditionResult) throws {
        #expect(file.evaluate(try httpFields(fields)) == expected)
    }

    @Test(
        "If-Range matches this version and no other",
        arguments: [
            ("\"a\"", true), ("\"b\"", false), ("W/\"a\"", false), (date, true), (earlier, false), ("nonsense", false),
        ])
    func allowsRanges(_ condition: String, _ expected: Bool) throws {
        #expect(file.allowsRange(try httpFields(["If-Range": condition])) == expected)
        #expect(file.allowsRange([:]))
    }

    @Test("dates survive formatting and parsing, in every month, in leap years and before 1970")
    func dates() {
        #expect(HTTPDate.text(784_111_777) == Self.date)
        #expect(HTTPDate.text(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.text(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.text(-1) == "Wed, 31 Dec 1969 23:59:59 GMT")
        for day in stride(from: Int64(-40_000), through: 60_000, by: 7) {
            let seconds = day * 86_400 + day % 86_400
            #expect(HTTPDate.seconds(HTTPDate.text(seconds)) == seconds)
        }
        for text in [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 32 Nov 1994 0:0:0 GMT",
        ] {
            #expect(HTTPDate.seconds(text) == nil)
        }
    }

    private func httpFields(_ fields: [String: String]) throws -> HTTPFields {
        var result = HTTPFields()
        for (name, value) in fields { result[try #require(HTTPField.Name(name))] = value }
        return result
    }
}
