/// A condition that a test waited for did not come true in time.
package struct WaitTimeout: Error, CustomStringConvertible {
    let what: String
    let state: String

    package var description: String { "waited in vain for \(what); state: \(state)" }
}
