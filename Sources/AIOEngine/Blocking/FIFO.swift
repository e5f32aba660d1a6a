/// A first-in first-out queue. What was taken is given up in bulk, so that each element costs the same however many there
/// are.
struct FIFO<Element> {
    private var elements: ContiguousArray<Element> = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var count: Int { elements.count - head }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func append(repeating element: Element, count: Int) {
        elements.append(contentsOf: repeatElement(element, count: count))
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer {
            head += 1
            if isEmpty {
                // What was taken is not kept: it may be all that holds an engine.
                elements.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 32, head * 2 >= elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }

    /// Removes the first element that `matches`; false where there is none.
    mutating func remove(where matches: (Element) -> Bool) -> Bool {
        guard let index = elements[head...].firstIndex(where: matches) else { return false }
        // Without moving those behind it.
        guard index > head else { return popFirst() != nil }
        elements.remove(at: index)
        return true
    }

    mutating func removeAll() {
        elements.removeAll()
        head = 0
    }
}
