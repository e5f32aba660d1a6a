import CSupport
package import Foundation
import Glibc

/// The machine that the figures were measured on.
package struct Machine: Codable, Sendable {
    package var date: Date
    package var system: String
    package var processor: String
    package var processors: Int
    package var memoryBytes: UInt64
    package var fileSystem: String
    package var fileBytes: Int
    /// Over the minute before the benchmark began.
    package var loadAverage: Double

    /// A note about other processes, if they were busy: they compete for the processors, which costs single-threaded
    /// engines most, and the figures are not reliable.
    package var busyNote: String? {
        guard loadAverage > Double(processors) / 2 else { return nil }
        return "other processes were busy when this began (load average \(Format.number(loadAverage)) on "
            + "\(processors) processors): ratios may be far off"
    }

    package static func current(fileSystemOf path: String, fileBytes: Int) -> Machine {
        let process = ProcessInfo.processInfo
        return Machine(
            date: Date(), system: kernel(), processor: processorName(), processors: process.activeProcessorCount,
            memoryBytes: process.physicalMemory, fileSystem: fileSystemName(bench_file_system(path)),
            fileBytes: fileBytes, loadAverage: load())
    }

    private static func kernel() -> String {
        let release = text("/proc/sys/kernel/osrelease")
        return release.isEmpty ? "Linux" : "Linux \(release)"
    }

    private static func load() -> Double {
        var average = 0.0
        return getloadavg(&average, 1) == 1 ? average : 0
    }

    private static func processorName() -> String {
        for line in text("/proc/cpuinfo").split(separator: "\n") where line.hasPrefix("model name") {
            return line.split(separator: ":").dropFirst().joined(separator: ":").trimmingCharacters(in: .whitespaces)
        }
        return "unknown processor"
    }

    private static func text(_ path: String) -> String {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Returns the name for a magic number of statfs(2), for the usual file systems.
    package static func fileSystemName(_ type: UInt64) -> String {
        switch type {
        case 0xef53: "ext4"
        case 0x5846_5342: "XFS"
        case 0x9123_683e: "btrfs"
        case 0x0102_1994: "tmpfs"
        case 0x794c_7630: "overlayfs"
        case 0x2fc1_2fc1: "ZFS"
        case 0xf2f5_2010: "F2FS"
        case 0xca45_1a4e: "bcachefs"
        case 0x6969: "NFS"
        default: "file system 0x" + String(type, radix: 16)
        }
    }
}
