/// A range of a file, widened to whole blocks.
struct AlignedSpan {
    let offset: Int64
    let count: Int
    /// How many bytes precede the first requested one.
    let lead: Int

    init(_ offset: Int64, _ count: Int, _ unit: Int) {
        guard unit > 1 else {
            (self.offset, self.count, lead) = (offset, count, 0)
            return
        }
        lead = Int(offset % Int64(unit))
        self.offset = offset - Int64(lead)
        // Counts are too small to overflow here. Offsets are not: the last block that any file could have is cut off,
        // as the kernel would report an error for the overflow of the sum, where there is merely no data.
        self.count = min((lead + count + unit - 1) / unit, Int(.max - self.offset) / unit) * unit
    }
}
