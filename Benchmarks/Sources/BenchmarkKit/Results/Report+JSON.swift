package import Foundation

/// The results as a file: all figures of every round, so that any other can be computed again.
package enum JSONReport {
    package static func encode(_ results: Results) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(results)
    }

    package static func decode(_ data: Data) throws -> Results {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(Results.self, from: data)
    }
}
