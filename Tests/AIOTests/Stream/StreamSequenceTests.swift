import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StreamSequenceTests {
    /// The write end of the pipe, which the test may close.
    private final class WriteEnd {
        private var end: OpenDescriptor?

        /// Makes a pipe and keeps the only reference to its write end, which ``close()`` releases.
        func open() throws -> OpenDescriptor {
            let (read, write) = try OpenDescriptor.pipe()
            end = write
            return read
        }

        func write(_ bytes: some Sequence<UInt8>) throws { _ = try end?.descriptor.writeAll(bytes) }

        /// Closes the write end, so that the stream ends once all bytes are read.
        func close() { end = nil }
    }

    private func withPipe(_ body: (_ reader: AIOStream, _ end: WriteEnd) async throws -> Void) async throws {
        let end = WriteEnd()
        let read = try end.open()
        try await withAIOContext { context async throws in
            try await body(try AIOStream(read.descriptor, closesOnDeinit: false, on: context), end)
        }
        withExtendedLifetime((read, end)) {}
    }

    @Test func chunksAreTheBytesToTheEndOfTheStream() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        let bytes = BytePattern(seed: 71).bytes(at: 0, count: 1_000_000)
        try await withAIOContext { context async throws in
            let reader = try AIOStream(read.descriptor, closesOnDeinit: false, on: context)
            let writer = Task {
                let stream = try AIOStream(write.descriptor.duplicate(), closesOnDeinit: true, on: context)
                try await stream.writeAll(bytes)
                try await stream.close()
            }
            var received: [UInt8] = []
            for try await chunk in reader.chunks(maximumLength: 5000) {
                #expect((1...5000).contains(chunk.count))
                received += chunk
                // The original write end stays open, so the stream does not end by itself.
                if received.count == bytes.count { break }
            }
            try await writer.value
            #expect(received == bytes)
        }
        withExtendedLifetime((read, write)) {}
    }

    @Test func closedWriteEndEndsTheSequence() async throws {
        try await withPipe { reader, end async throws in
            try end.write([1, 2])
            end.close()
            var iterator = reader.chunks().makeAsyncIterator()
            #expect(try await iterator.next().map(Array.init) == [1, 2])
            #expect(try await iterator.next() == nil)
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func nothingIsReadAhead() async throws {
        try await withPipe { reader, end async throws in
            try end.write([1, 2, 3, 4, 5])
            for try await chunk in reader.chunks(maximumLength: 2) {
                #expect(Array(chunk) == [1, 2])
                break
            }
            #expect(try await Array(reader.read()) == [3, 4, 5])
        }
    }

    @Test func aChunkIsReturnedAsSoonAsBytesArrive() async throws {
        try await withPipe { reader, end async throws in
            var iterator = reader.chunks().makeAsyncIterator()
            for byte in UInt8(1)...5 {
                try end.write([byte])
                #expect(try await iterator.next().map(Array.init) == [byte])
            }
        }
    }

    @Test func cancelledSequenceThrowsThenEnds() async throws {
        try await withPipe { reader, _ async throws in
            let loop = Task { () -> Bool in
                var iterator = reader.chunks().makeAsyncIterator()
                await #expect(throws: CancellationError.self) { try await iterator.next() }
                return try await iterator.next() == nil
            }
            #expect(await eventually { reader.context.statistics.inFlight == 1 })
            loop.cancel()
            #expect(try await loop.value)
        }
    }

    @Test(arguments: [0, -1, .min]) func lengthBelowOneIsAnError(length: Int) async throws {
        try await withPipe { reader, _ async throws in
            var iterator = reader.chunks(maximumLength: length).makeAsyncIterator()
            await expectError(.invalidArgument) { try await iterator.next() }
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func linesAreSplitWhereverTheirPiecesEnd() async throws {
        try await withPipe { reader, end async throws in
            // All of it fits into the pipe.
            try end.write(Array("grün\r\n\nzwei".utf8))
            var iterator = reader.lines().makeAsyncIterator()
            #expect(try await iterator.next() == "grün")
            #expect(try await iterator.next() == "")
            try end.write("te\nbroken \u{e9}".utf8.dropLast())
            end.close()
            #expect(try await iterator.next() == "zweite")
            #expect(try await iterator.next() == "broken \u{fffd}")
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func lineThatIsTooLongIsAnErrorWithItsOffset() async throws {
        try await withPipe { reader, end async throws in
            try end.write(Array("ok\n12345\n".utf8))
            var iterator = reader.lines(maximumLength: 4).makeAsyncIterator()
            #expect(try await iterator.next() == "ok")
            let error = await expectError(.lineTooLong) { try await iterator.next() }
            #expect(error?.offset == 3)
            #expect(try await iterator.next() == nil)
        }
    }

    /// Measures from the call of `cancel` to the error in the reading task. The task runs on the context's loop, as the
    /// cooperative pool may compute for other tests. A quarter of the times has to be below the bound, as the others
    /// may have waited for a processor; with a free one nearly all are 0.1 ms.
    @Test func cancelledReadOfASilentPipeReturnsWithinMilliseconds() async throws {
        try await withPipe { reader, _ async throws in
            let clock = ContinuousClock()
            var times: [Duration] = []
            for _ in 0..<101 {
                let read = Task(executorPreference: reader.context.executor) { () -> ContinuousClock.Instant in
                    await #expect(throws: CancellationError.self) { try await reader.read() }
                    return clock.now
                }
                #expect(await eventually { reader.context.statistics.inFlight == 1 })
                let start = clock.now
                read.cancel()
                times.append(await start.duration(to: read.value))
            }
            times.sort()
            #expect(times[25] < .milliseconds(5), "\(times[0]) to \(times[100])")
        }
    }
}
