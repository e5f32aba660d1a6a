#if Services
    /// The value of one counter of a context, with the name and the dimensions under which it is exported.
    struct CounterReading {
        let name: String
        var dimensions: [(String, String)] = []
        var value: Int64

        init(_ name: String, _ dimensions: [(String, String)], _ value: Int) {
            self.name = name
            self.dimensions = dimensions
            self.value = Int64(value)
        }

        init(_ name: String, _ value: Int) { self.init(name, [], value) }

        /// The name and the values of the dimensions: unique among the counters of a context.
        var key: String { dimensions.reduce(name) { "\($0)/\($1.1)" } }
    }
#endif
