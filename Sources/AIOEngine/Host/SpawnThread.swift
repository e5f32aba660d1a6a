internal import CAIOShims
internal import Glibc

/// Starts a thread that runs `body` with every asynchronous signal blocked: pthread_create(3).
///
/// - Parameters:
///   - name: what the system shows for the thread; its first 15 bytes count.
///   - detached: whether nobody will join it.
/// - Returns: nil where the system has no thread to give; `body` is not run then.
func spawnThread(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    caio_leave_unpinned(&attributes)
    if detached { pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) }
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var thread = pthread_t()
    guard caio_start_thread(&thread, &attributes, runThread, start.toOpaque()) == 0 else {
        start.release()
        return nil
    }
    return thread
}

/// What a new thread is given: the one pointer that pthread_create(3) passes on.
private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// The first function of a new thread.
private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    caio_name_thread(start.name)
    start.body()
    return nil
}
