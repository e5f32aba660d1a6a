import CPOSIXAIO
import Glibc
import Synchronization
import Testing

@testable import POSIXAIO

@Suite("Notification by a thread")
struct NotificationTests {
    /// What a callback holds on to.
    private final class Held: Sendable {}
    private static let calls = Atomic<Int>(0)

    @Test("a callback whose thread cannot be started is let go of, uncalled")
    func withoutThread() {
        var held: Held? = Held()
        weak let remains = held
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        // More than there is address space: mmap(2) says no, and so pthread_create.
        #expect(pthread_attr_setstacksize(&attributes, 1 << 60) == 0)
        withUnsafePointer(to: attributes) { attributes in
            var notification = RequestNotification.callback { [held] in
                withExtendedLifetime(held) { _ = Self.calls.wrappingAdd(1, ordering: .relaxed) }
            }.native
            held = nil
            #expect(remains != nil)
            notification.attributes = UnsafeRawPointer(attributes)
            pxa_notify(&notification)
        }
        #expect(remains == nil)
        #expect(Self.calls.load(ordering: .relaxed) == 0)
    }

    @Test("of a program's own sigevent nothing is believed but what POSIX puts there")
    func foreign() {
        var notification = pxa_notification()
        memset(&notification, 0xa5, MemoryLayout<pxa_notification>.size)
        notification.kind = Int32(PXA_NOTIFY_THREAD)
        notification.function = nil
        var kept = pxa_foreign(&notification)
        #expect(kept.abandon == nil && kept.value == notification.value)
        // Without a function there is no thread; the garbage is not called.
        pxa_notify(&kept)
    }
}
