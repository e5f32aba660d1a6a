internal import CAIOShims
internal import Glibc

extension AIOFile {
    /// The first data at or after an offset: lseek(2) with SEEK_DATA and SEEK_HOLE, on a lane thread. All of
    /// the file where the file system knows of no holes.
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
