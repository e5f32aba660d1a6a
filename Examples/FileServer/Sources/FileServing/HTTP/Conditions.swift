package import HTTPTypes

/// What distinguishes one version of a file from another.
package struct Validators: Hashable, Sendable {
    /// A strong validator: it differs when inode, size or time of change (in nanoseconds) differ.
    package let tag: String
    /// Seconds since 1970.
    package let modified: Int64

    package init(tag: String, modified: Int64) {
        self.tag = tag
        self.modified = modified
    }

    package init(_ file: OpenedFile.Information) {
        func hex(_ number: some BinaryInteger) -> String { String(number, radix: 16) }
        let nanoseconds = file.modified.seconds &* 1_000_000_000 &+ file.modified.nanoseconds
        self.init(
            tag: "\"\(hex(file.inode))-\(hex(file.size))-\(hex(UInt64(bitPattern: nanoseconds)))\"",
            modified: file.modified.seconds)
    }
}

/// The result of the conditions of an HTTP request: RFC 9110, section 13.2.2.
package enum ConditionResult: Hashable, Sendable {
    case proceed, notModified, preconditionFailed
}

extension Validators {
    package func evaluate(_ fields: HTTPFields) -> ConditionResult {
        if let wanted = fields[.ifMatch] {
            if !lists(wanted, isStrong: true) { return .preconditionFailed }
        } else if let date = fields[.ifUnmodifiedSince].flatMap(HTTPDate.seconds), modified > date {
            return .preconditionFailed
        }
        if let known = fields[.ifNoneMatch] {
            if lists(known, isStrong: false) { return .notModified }
        } else if let date = fields[.ifModifiedSince].flatMap(HTTPDate.seconds), modified <= date {
            return .notModified
        }
        return .proceed
    }

    /// Whether a `Range` counts: without an `If-Range`, or when that names this version.
    package func allowsRange(_ fields: HTTPFields) -> Bool {
        guard let condition = fields[.ifRange] else { return true }
        if condition.hasPrefix("\"") || condition.hasPrefix("W/") { return condition == tag }
        // A date is a strong validator only if the file could not have changed twice within its second. That is not
        // known here, so only the same date counts, as the RFC requires.
        return HTTPDate.seconds(condition) == modified
    }

    private func lists(_ field: String, isStrong: Bool) -> Bool {
        let tags = field.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        return tags.contains { candidate in
            if candidate == "*" || candidate == tag { return true }
            return !isStrong && candidate == "W/" + tag
        }
    }
}

extension HTTPField.Name {
    fileprivate static let ifMatch = Self("If-Match")!
    fileprivate static let ifNoneMatch = Self("If-None-Match")!
    fileprivate static let ifModifiedSince = Self("If-Modified-Since")!
    fileprivate static let ifUnmodifiedSince = Self("If-Unmodified-Since")!
    fileprivate static let ifRange = Self("If-Range")!
}
