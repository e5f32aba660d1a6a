internal import CPOSIXAIO
internal import Glibc

// Through the pointer, a field at a time: while an attempt is under way, other threads use the cell's other fields, with
// the service's lock held.
extension UnsafeMutablePointer<RequestCell> {
    /// Attempts the I/O of a stream's request, on a blocking thread.
    ///
    /// - Returns: the result, or -errno; -EAGAIN where nothing can be done without a wait.
    func attemptNow() -> Int {
        let attempt: @convention(c) (Int32, Bool, UnsafeMutableRawPointer?, Int) -> Int
        switch pointee.nature {
        case .nonBlocking, .file: return retried(pxa_call)
        case .unpollable: attempt = pxa_call
        case .stream: attempt = pxa_attempt
        }
        // A write is complete when all of it is written, as with write(2); a read with the bytes that are there.
        while true {
            let result = retried(attempt)
            guard pointee.writes, result > 0 else {
                return result == -Int(EAGAIN) || pointee.moved == 0 ? result : pointee.moved
            }
            pointee.moved += result
            if pointee.moved >= pointee.request.count { return pointee.moved }
        }
    }

    /// Makes the call for what is left of the request, again after EINTR.
    private func retried(_ call: (Int32, Bool, UnsafeMutableRawPointer?, Int) -> Int) -> Int {
        let moved = pointee.moved
        let buffer = pointee.request.buffer.map { $0 + moved }
        while true {
            let result = call(pointee.request.descriptor, pointee.writes, buffer, pointee.request.count - moved)
            if result != -Int(EINTR) { return result }
        }
    }
}
