import AIO

extension AIOFile.Caching {
    static let both: [AIOFile.Caching] = [.direct, .buffered]
}
