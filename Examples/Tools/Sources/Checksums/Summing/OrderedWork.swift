/// Works on several elements at once and delivers the results in the order of the elements.
///
/// - Parameters:
///   - width: how many at once, at most; also how many results may wait for an earlier one.
///   - consume: called for one result after the other, as soon as all results before it are there.
func inOrder<Element: Sendable, Result: Sendable>(
    _ elements: some Sequence<Element>, width: Int, _ work: @escaping @Sendable (Element) async throws -> Result,
    consume: (Element, Result) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: (Int, Element, Result).self) { group in
        var iterator = elements.makeIterator()
        var (started, delivered) = (0, 0)
        var early: [Int: (Element, Result)] = [:]
        func startNext() {
            guard let element = iterator.next() else { return }
            let index = started
            started += 1
            group.addTask { (index, element, try await work(element)) }
        }
        for _ in 0..<width { startNext() }
        while let (index, element, result) = try await group.next() {
            early[index] = (element, result)
            while let (element, result) = early.removeValue(forKey: delivered) {
                delivered += 1
                try await consume(element, result)
                // Only now, so that the results behind one slow file do not pile up.
                startNext()
            }
        }
    }
}
