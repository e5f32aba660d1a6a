import CPOSIXAIO
import Glibc
import Synchronization
import Testing

@testable import POSIXAIO

@Suite("Notification by a thread")
struct NotificationTests {
    /// An object that a callback captures.
    private final class Captured: Sendable {}
    private static let calls = Atomic<Int>(0)

    @Test("a callback whose thread cannot be started is released, and not called")
    func callbackWithoutThreadIsReleased() {
        var captured: Captured? = Captured()
        weak let remains = captured
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        // Larger than the address space: mmap(2) fails, and with it pthread_create.
        #expect(pthread_attr_setstacksize(&attributes, 1 << 60) == 0)
        withUnsafePointer(to: attributes) { attributes in
            var notification = RequestNotification.callback { [captured] in
                withExtendedLifetime(captured) { _ = Self.calls.wrappingAdd(1, ordering: .relaxed) }
            }.native
            captured = nil
            #expect(remains != nil)
            notification.attributes = UnsafeRawPointer(attributes)
            pxa_notify(&notification)
        }
        #expect(remains == nil)
        #expect(Self.calls.load(ordering: .relaxed) == 0)
    }

    @Test("only the fields that POSIX defines are read from a program's own sigevent")
    func undefinedFieldsOfForeignSigeventAreIgnored() {
        var notification = pxa_notification()
        memset(&notification, 0xa5, MemoryLayout<pxa_notification>.size)
        notification.kind = Int32(PXA_NOTIFY_THREAD)
        notification.function = nil
        var kept = pxa_foreign(&notification)
        #expect(kept.release == nil && kept.value == notification.value)
        // Without a function no thread is started, and the garbage is not called.
        pxa_notify(&kept)
    }
}
