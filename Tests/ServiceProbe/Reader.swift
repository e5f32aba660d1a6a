#if Services
    import AIO
    import ServiceLifecycle

    /// Reads a file repeatedly until the graceful shutdown begins. Prints "SHORT" if a read is not complete.
    struct Reader: Service {
        let file: AIOFile

        func run() async throws {
            let size = try await file.size()
            var reads = 0
            while !Task.isShuttingDownGracefully {
                let bytes = try await file.read(at: 0, count: Int(size))
                guard bytes.count == size else { return print("SHORT") }
                reads += 1
            }
            print(reads > 0 ? "read whole" : "READ NOTHING")
        }
    }
#endif
