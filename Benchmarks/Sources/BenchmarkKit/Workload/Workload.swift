/// What is measured: one pattern, block size and depth on one kind of file.
package struct Workload: Codable, Hashable, Sendable {
    package enum Pattern: String, Codable, CaseIterable, Sendable {
        case randread, randwrite, randrw, read, write
        /// A file of text, line by line; an operation is a line.
        case lines
        /// The whole file to another one, which is on the device when it ends; an operation is a block's worth of it.
        case copy

        /// Reads and writes of one block each: the patterns of an engine that does not list others.
        package static let ofBlocks: Set<Pattern> = [.randread, .randwrite, .randrw, .read, .write]

        package var isRandom: Bool { self == .randread || self == .randwrite || self == .randrw }
        package var writes: Bool { self == .randwrite || self == .randrw || self == .write }

        package var title: String {
            switch self {
            case .randread: "random reads"
            case .randwrite: "random writes"
            case .randrw: "random reads and writes"
            case .read: "sequential reads"
            case .write: "sequential writes"
            case .lines: "lines of text"
            case .copy: "copies"
            }
        }
    }

    package enum Caching: String, Codable, CaseIterable, Sendable {
        /// `O_DIRECT`: the page cache has no part in it.
        case direct
        /// Through the page cache, with the file in it.
        case hot
        /// Through the page cache, with the file dropped from it before every run.
        case cold
    }

    package enum Target: String, Codable, CaseIterable, Sendable {
        case disk, tmpfs
    }

    package var pattern: Pattern
    package var blockSize: Int
    package var depth: Int
    package var caching: Caching
    package var target: Target

    package init(
        _ pattern: Pattern, blockSize: Int = 4096, depth: Int, caching: Caching = .direct, target: Target = .disk
    ) {
        self.pattern = pattern
        self.blockSize = blockSize
        self.depth = depth
        self.caching = caching
        self.target = target
    }

    /// The name used in thresholds and on the command line, such as `disk-direct-randread-4k-d32`.
    package var id: String { "\(group.id)-d\(depth)" }

    package var title: String { "\(group.title), depth \(depth)" }

    /// What the file has to contain.
    package var contents: TestFile.Contents { pattern == .lines ? .text : .noise }

    /// Workloads that differ in depth alone share a chart.
    package var group: WorkloadGroup {
        WorkloadGroup(pattern: pattern, blockSize: blockSize, caching: caching, target: target)
    }
}

package struct WorkloadGroup: Hashable, Sendable {
    package var pattern: Workload.Pattern
    package var blockSize: Int
    package var caching: Workload.Caching
    package var target: Workload.Target

    package var id: String { "\(target)-\(caching)-\(pattern)-\(Format.blockSize(blockSize))" }

    package var title: String {
        let how =
            switch caching {
            case .direct: "direct"
            case .hot: "buffered, in the page cache"
            case .cold: "buffered, cold"
            }
        let what =
            switch pattern {
            case .lines: "lines of text, \(Format.bytes(blockSize)) at a time"
            case .copy: "copies of a whole file, synced, \(Format.bytes(blockSize)) at a time"
            default: "\(Format.bytes(blockSize)) \(pattern.title)"
            }
        return "\(what), \(how), \(target == .disk ? "on disk" : "in memory (tmpfs)")"
    }
}
