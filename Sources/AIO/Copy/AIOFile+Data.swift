internal import CAIOShims
internal import Glibc

extension AIOFile {
    /// Returns the first range of data at or after an offset: lseek(2) with SEEK_DATA and SEEK_HOLE, on a blocking
    /// thread. Where the file system does not support holes, it is the rest of the file.
    ///
    /// - Parameters:
    ///   - offset: where to begin, in bytes.
    ///   - size: the file's size, in bytes.
    /// - Returns: nil if there is nothing but a hole.
    func data(from offset: Int64, in size: Int64) async throws -> Range<Int64>? {
        let start = try await call("copy") {
            let result = caio_seek_data($0, offset)
            // ENXIO: nothing but a hole from here on.
            return result == -Int64(ENXIO) ? .max : result == -Int64(EINVAL) ? Int(offset) : Int(result)
        }
        guard Int64(start) < size else { return nil }
        let end = try await call("copy") {
            let result = caio_seek_hole($0, Int64(start))
            return result < 0 ? Int(size) : Int(result)
        }
        return Int64(start)..<Swift.max(Int64(start) + 1, Int64(end))
    }
}
