/// How a list is checked: the options of `sha256sum -c`.
public struct VerifyOptions: Sendable {
    /// Missing files are skipped.
    public var ignoresMissing = false
    /// Nothing is printed for files that match.
    public var isQuiet = false
    /// Nothing is printed; only the exit code is set.
    public var isSilent = false
    /// An improperly formatted line makes the whole verification fail.
    public var isStrict = false
    /// Each improperly formatted line is reported.
    public var warns = false

    public init() {}
}
