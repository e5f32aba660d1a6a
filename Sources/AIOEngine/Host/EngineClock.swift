internal import CAIOShims
internal import Glibc

/// The clock that the engine measures time with.
package protocol EngineClock: AnyObject, Sendable {
    /// Nanoseconds since some moment, never fewer than before.
    func now() -> UInt64
    /// Holds the calling thread up.
    func pause(nanoseconds: Int)
}

/// CLOCK_MONOTONIC.
final class LiveClock: EngineClock {
    func now() -> UInt64 { caio_monotonic_ns() }

    func pause(nanoseconds: Int) {
        var pause = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
        nanosleep(&pause, nil)
    }
}
