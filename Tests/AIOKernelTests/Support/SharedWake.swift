import AIOKernel
import CAIOShims
import SystemPackage

/// A wake event that a closure can capture.
final class SharedWake: Sendable {
    let event: WakeEvent

    init() {
        do { event = try WakeEvent() } catch { fatalError("\(error)") }
    }

    func isSignalled() throws -> Bool { caio_poll(event.descriptor.rawValue, Int16(readable), 0) == Int32(readable) }
}
