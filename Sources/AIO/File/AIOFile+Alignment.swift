extension AIOFile {
    /// What a direct file's transfers have to be aligned to, in bytes: multiples of these. 1 and 1 on a buffered file.
    public struct Alignment: Sendable, Hashable {
        /// For the addresses of buffers.
        public let memory: Int
        /// For offsets and counts.
        public let offset: Int

        /// Makes an alignment of these, in bytes, 1 and up.
        public init(memory: Int, offset: Int) {
            self.memory = memory
            self.offset = offset
        }
    }
}
