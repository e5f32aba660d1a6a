import CAIOShims
import Glibc

/// A page laid out like the kernel's completion ring, which shows states that a real kernel does not show on demand.
final class FakeRing {
    struct Header {
        var id: UInt32 = 0
        var capacity: UInt32 = 127
        var head: UInt32 = 0
        var tail: UInt32 = 0
        var magic: UInt32 = 0xa10a_10a1
        var compatibleFeatures: UInt32 = 1
        var incompatibleFeatures: UInt32 = 0
        var headerLength: UInt32 = 32
    }

    let page: UnsafeMutableRawPointer

    init(_ header: Header = Header()) {
        page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        page.storeBytes(of: header, as: Header.self)
    }

    deinit { munmap(page, 4096) }

    var context: UInt64 { UInt64(UInt(bitPattern: page)) }

    var header: Header {
        get { page.load(as: Header.self) }
        set { page.storeBytes(of: newValue, as: Header.self) }
    }

    /// Stores an event with this data at a position of the ring.
    func store(_ data: UInt64, at position: Int) {
        page.storeBytes(
            of: caio_event(data: data, object: 0, result: 0, result2: 0), toByteOffset: 32 + position * 32,
            as: caio_event.self)
    }

    func protect(_ protection: Int32) { mprotect(page, 4096, protection) }
}
