/// Works on several elements at once and hands the results over in their order.
///
/// - Parameters:
///   - width: how many at once, at most; so many results wait for an earlier one, too.
///   - consume: called for one result after the other, as soon as all before it are there.
func inOrder<Element: Sendable, Result: Sendable>(
    _ elements: some Sequence<Element>, width: Int, _ work: @escaping @Sendable (Element) async throws -> Result,
    consume: (Element, Result) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: (Int, Element, Result).self) { group in
        var iterator = elements.makeIterator()
        var (started, told) = (0, 0)
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
            while let (element, result) = early.removeValue(forKey: told) {
                told += 1
                try await consume(element, result)
                // Only now: one slow file must not let the results behind it pile up.
                startNext()
            }
        }
    }
}
