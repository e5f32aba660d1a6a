import AIOKernel
import Glibc
import Testing

/// Which pages are recognized as rings and which are not, on pages that the test lays out.
@Suite struct RingRecognitionTests {
    @Test(arguments: [0, 1, 4095, 4096, 0x1000_0000, UInt64.max, UInt64.max & ~4095, 1 << 63, 0xffff_8000_0000_0000])
    func madeUpContextHasNoRing(context: UInt64) {
        #expect(CompletionRing(of: context) == nil)
    }

    @Test func pageWithARingsHeaderIsARing() {
        let fake = FakeRing()
        #expect(CompletionRing(of: fake.context)?.capacity == 127)
    }

    private static let otherHeaders: [(String, @Sendable (inout FakeRing.Header) -> Void)] = [
        ("no magic", { $0.magic = 0 }),
        ("another magic", { $0.magic = 0xa10a_10a2 }),
        ("a feature that must be known", { $0.incompatibleFeatures = 1 }),
        ("a longer header", { $0.headerLength = 64 }),
        ("no room", { $0.capacity = 0 }),
    ]

    @Test(arguments: otherHeaders.indices)
    func pageWithAnotherHeaderIsNoRing(index: Int) {
        let fake = FakeRing()
        let (what, change) = Self.otherHeaders[index]
        change(&fake.header)
        #expect(CompletionRing(of: fake.context) == nil, "\(what)")
    }

    @Test func zeroedPageIsNoRing() {
        let fake = FakeRing()
        memset(fake.page, 0, 4096)
        #expect(CompletionRing(of: fake.context) == nil)
    }

    @Test func ringThatDoesNotStartAPageIsNoRing() {
        let fake = FakeRing()
        memmove(fake.page + 8, fake.page, 32)
        #expect(CompletionRing(of: fake.context + 8) == nil)
    }

    /// A guard page is mapped and yet must not be touched.
    @Test func pageThatMayNotBeReadIsNoRingAndDoesNotCrash() {
        let fake = FakeRing()
        fake.protect(PROT_NONE)
        #expect(CompletionRing(of: fake.context) == nil)
        fake.protect(PROT_READ)
        #expect(CompletionRing(of: fake.context) != nil)
    }

    /// Runs in a child process, where nothing maps a ring at the address that becomes free.
    @Test func unmappedPageIsNoRing() async {
        await #expect(processExitsWith: .success) {
            let context: UInt64
            do {
                let fake = FakeRing()
                context = fake.context
                #expect(CompletionRing(of: context) != nil)
            }
            #expect(CompletionRing(of: context) == nil)
        }
    }
}
