import CAIOShims
import Glibc

/// A thread of the system that carries simulated threads, one after another. It runs only while it has the baton.
final class Carrier: @unchecked Sendable {
    // Unchecked: `work` is handed over with the baton, whose semaphore orders all memory.
    private let baton: UnsafeMutablePointer<sem_t>
    private var work: (() -> Void)?

    init() {
        baton = .allocate(capacity: 1)
        sem_init(baton, 0, 0)
        start()
    }

    /// Gives the carrier its next simulated thread, which begins with the baton.
    func assign(_ work: @escaping () -> Void) { self.work = work }

    /// Hands the baton over to this carrier.
    func resume() { sem_post(baton) }

    /// Waits for the baton. Called on the carrier's own thread.
    func park() { while sem_wait(baton) != 0 {} }

    private func start() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 512 << 10)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let result = caio_start_thread(&thread, &attributes, carry, argument)
        precondition(result == 0, "the simulation has no thread to run on")
    }

    fileprivate func run() -> Never {
        while true {
            park()
            let work = work
            self.work = nil
            work?()
        }
    }
}

private func carry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    TrapHandler.unblock()
    Unmanaged<Carrier>.fromOpaque(argument!).takeUnretainedValue().run()
}

/// Carriers that have nothing to carry. One pool serves one scenario at a time, and the next one after it.
final class CarrierPool: @unchecked Sendable {
    // Unchecked: belongs to the holder of the baton.
    private var idle: [Carrier] = []

    func take() -> Carrier { idle.popLast() ?? Carrier() }
    func give(_ carrier: Carrier) { idle.append(carrier) }
}
