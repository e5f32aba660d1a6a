import Checksums
import Glibc

/// The parsed command line. No library parses it, as names need not be UTF-8 and the messages have to be those of
/// sha256sum.
struct Arguments {
    enum Problem: Error {
        case usage(String)
        case help
    }

    var names: [FileName] = []
    var checks = false
    var style = ChecksumLine.Style()
    var verify = VerifyOptions()
    /// Whether -b or -t was given.
    private var choosesMode = false

    init(_ arguments: [[UInt8]]) throws(Problem) {
        var takesOptions = true
        for argument in arguments {
            if takesOptions, argument == Array("--".utf8) {
                takesOptions = false
            } else if takesOptions, argument.starts(with: "--".utf8) {
                try take(long: String(decoding: argument.dropFirst(2), as: UTF8.self))
            } else if takesOptions, argument.first == UInt8(ascii: "-"), argument.count > 1 {
                for letter in argument.dropFirst() { try take(short: letter) }
            } else {
                names.append(argument)
            }
        }
        try check()
        if names.isEmpty { names = [Array("-".utf8)] }
    }

    private mutating func take(short letter: UInt8) throws(Problem) {
        let names: [UInt8: String] = [
            UInt8(ascii: "b"): "binary", UInt8(ascii: "c"): "check", UInt8(ascii: "t"): "text",
            UInt8(ascii: "z"): "zero", UInt8(ascii: "w"): "warn", UInt8(ascii: "h"): "help",
        ]
        guard let name = names[letter] else {
            throw .usage("invalid option -- '\(Character(UnicodeScalar(letter)))'")
        }
        try take(long: name)
    }

    private mutating func take(long name: String) throws(Problem) {
        switch name {
        case "binary": (style.isBinary, choosesMode) = (true, true)
        case "text": (style.isBinary, choosesMode) = (false, true)
        case "check": checks = true
        case "tag": (style.isTagged, style.isBinary) = (true, true)
        case "zero": style.endsWithNUL = true
        case "ignore-missing": verify.ignoresMissing = true
        // The last one of these three counts.
        case "quiet": (verify.isQuiet, verify.isSilent, verify.warns) = (true, false, false)
        case "status": (verify.isQuiet, verify.isSilent, verify.warns) = (false, true, false)
        case "warn": (verify.isQuiet, verify.isSilent, verify.warns) = (false, false, true)
        case "strict": verify.isStrict = true
        case "help": throw .help
        default: throw .usage("unrecognized option '--\(name)'")
        }
    }

    private func check() throws(Problem) {
        if style.isTagged, !style.isBinary { throw .usage("--tag does not support --text mode") }
        if checks, style.endsWithNUL { throw .usage("the --zero option is not supported when verifying checksums") }
        if checks, style.isTagged { throw .usage("the --tag option is meaningless when verifying checksums") }
        if checks, choosesMode {
            throw .usage("the --binary and --text options are meaningless when verifying checksums")
        }
        // Checked in this order, whatever the order on the command line. An option that a later one has replaced does
        // not count.
        let needless = [
            ("ignore-missing", verify.ignoresMissing), ("status", verify.isSilent), ("warn", verify.warns),
            ("quiet", verify.isQuiet), ("strict", verify.isStrict),
        ]
        if !checks, let option = needless.first(where: \.1) {
            throw .usage("the --\(option.0) option is meaningful only when verifying checksums")
        }
    }

    static let help = """
        Usage: aio-sum [-c] [--tag] [-b | -t] [-z] [FILE]...
        Prints or checks SHA-256 checksums, of many files at once, as sha256sum does. Without FILE, or for -, of
        standard input.

          -b, --binary          an asterisk before the names
          -c, --check           read checksums from the FILEs and check them
              --tag             BSD-style lines
          -t, --text            two blanks before the names (as without)
          -z, --zero            lines end with NUL, and names are not escaped

        With -c:
              --ignore-missing  skip missing files
              --quiet           do not print OK for each file that matches
              --status          print nothing; only set the exit code
              --strict          exit non-zero for improperly formatted lines
          -w, --warn            report improperly formatted lines

        """
}
