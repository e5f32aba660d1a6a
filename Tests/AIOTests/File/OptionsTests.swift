import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct OptionsTests {
    struct Flag: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let option: AIOOptions
        /// Whether every kernel with kernel AIO accepts it on every file.
        let isUniversal: Bool
    }

    static let flags = [
        Flag(testDescription: "dataSync", option: .dataSync, isUniversal: true),
        Flag(testDescription: "sync", option: .sync, isUniversal: true),
        Flag(testDescription: "highPriority", option: .highPriority, isUniversal: true),
        Flag(testDescription: "append", option: .append, isUniversal: true),
        Flag(testDescription: "noWait", option: .noWait, isUniversal: false),
        Flag(testDescription: "atomic", option: .atomic, isUniversal: false),
        Flag(testDescription: "dontCache", option: .dontCache, isUniversal: false),
        Flag(testDescription: "dataSync and highPriority", option: [.dataSync, .highPriority], isUniversal: true),
        Flag(testDescription: "sync and noWait", option: [.sync, .noWait], isUniversal: false),
    ]

    /// Returns the result, or nil when the kernel or the file system does not support the flag; checks the error then.
    private func supported<R>(_ flag: Flag, _ body: () async throws -> R) async throws -> R? {
        do {
            return try await body()
        } catch let error as AIOError where !flag.isUniversal {
            let codes: Set<AIOError.Code> =
                flag.option.contains(.noWait) ? [.unsupported, .wouldBlock] : [.unsupported]
            #expect(codes.contains(error.code), "\(error)")
            #expect(error.errno == (error.code == .unsupported ? .notSupported : .resourceTemporarilyUnavailable))
            #expect(error.path != nil && error.offset == 4096 && error.count != nil)
            return nil
        }
    }

    @Test(arguments: Setting.all, flags)
    func readIsRightOrUnsupported(setting: Setting, flag: Flag) async throws {
        try await withFixture(setting, size: 64 << 10) { fixture async throws in
            let file = try await fixture.open()
            let read = try await supported(flag) { try await file.read(at: 4096, count: 8192, options: flag.option) }
            if let read {
                #expect(read.count == 8192)
                #expect(fixture.pattern.matches(read, at: 4096))
            }
            var buffers = [AIOBuffer(count: 4096), AIOBuffer(count: 4096)]
            let vectored = try await supported(flag) {
                try await file.read(at: 4096, into: &buffers, options: flag.option)
            }
            if let vectored {
                #expect(vectored == 8192)
                #expect(fixture.pattern.matches(buffers[1], at: 8192))
            }
            let ranges = try await file.read(ranges: [4096..<8192, 4096..<4097], options: flag.option)
            for result in ranges {
                let bytes = try await supported(flag) { try result.get() }
                if let bytes { #expect(fixture.pattern.matches(bytes, at: 4096)) }
            }
        }
    }

    /// An overwrite, so that a direct one is asynchronous; `append` writes behind the end.
    @Test(arguments: Setting.all, flags)
    func writeIsRightOrUnsupported(setting: Setting, flag: Flag) async throws {
        try await withFixture(setting, size: 64 << 10) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            let bytes = AIOBuffer(copying: repeatElement(UInt8(0x5a), count: 4096))
            let written = try await supported(flag) { try await file.write(bytes, at: 4096, options: flag.option) }
            let offset = flag.option == .append ? fixture.size : 4096
            let after = try contents(of: fixture.path)
            #expect(fixture.pattern.matches(after[..<4096], at: 0))
            if written != nil {
                #expect(written == 4096)
                #expect(after[offset..<offset + 4096].isAll(0x5a))
            } else {
                #expect(fixture.pattern.matches(after, at: 0))
            }
            let pair = try await supported(flag) {
                try await file.write([bytes, bytes], at: 4096, options: flag.option)
            }
            #expect(pair == nil || pair == 8192)
        }
    }

    @Test func unknownFlagIsUnsupported() async throws {
        try await withFixture(.direct) { fixture async throws in
            for setting in Setting.onDisk {
                let file = try await AIOFile.open(
                    fixture.path, .readWrite, caching: setting.caching, on: fixture.context)
                let unknown = AIOOptions(rawValue: 1 << 30)
                await expectError(.unsupported) { try await file.read(at: 0, count: 4096, options: unknown) }
                await expectError(.unsupported) {
                    try await file.write(fixture.buffer(count: 4096), at: 0, options: unknown)
                }
                // The file still works.
                #expect(fixture.pattern.matches(try await file.read(at: 0, count: 4096), at: 0))
            }
        }
    }

    @Test func noWaitReadOfResidentPagesReturnsThem() async throws {
        try await withFixture(.buffered, size: 64 << 10) { fixture async throws in
            try PageCache.fill(0..<fixture.size, of: fixture.source.open())
            let file = try await fixture.open()
            let bytes = try await file.read(at: 10, count: 5000, options: .noWait)
            #expect(bytes.count == 5000)
            #expect(fixture.pattern.matches(bytes, at: 10))
        }
    }

    /// The kernel's read-ahead may bring the pages in before it checks again: then there is data, and it is right.
    @Test func noWaitReadOfColdPagesWouldBlockAndUsesNoBlockingThread() async throws {
        try await withFixture(.buffered, size: 64 << 10) { fixture async throws in
            let source = try fixture.source.open()
            let file = try await fixture.open()
            PageCache.drop(0..<fixture.size, of: source)
            try #require(!PageCache.residency(of: source, size: fixture.size).contains(true))
            let before = fixture.context.statistics
            do {
                let bytes = try await file.read(at: 10, count: 5000, options: .noWait)
                #expect(fixture.pattern.matches(bytes, at: 10))
            } catch let error as AIOError {
                #expect(error.code == .wouldBlock)
                #expect(error.errno == .resourceTemporarilyUnavailable)
                #expect(error.description.contains("try again without noWait"))
            }
            let after = fixture.context.statistics
            #expect(after.onBlockingThread == before.onBlockingThread && after.submitCalls == before.submitCalls)
            #expect(after.inline - before.inline == 1)
        }
    }

    @Test func noWaitExtendingDirectWriteWouldBlock() async throws {
        try await withFixture(.direct) { fixture async throws in
            let file = try await fixture.create()
            await expectError(.wouldBlock) {
                try await file.write(fixture.buffer(count: 4096), at: 0, options: .noWait)
            }
            #expect(try await file.size() == 0)
            #expect(try await file.write(fixture.buffer(count: 4096), at: 0) == 4096)
        }
    }
}
