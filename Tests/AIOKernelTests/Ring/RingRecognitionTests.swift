import AIOKernel
import Glibc
import Testing

/// What is taken for a ring and what is not, on pages that are none of the kernel's.
@Suite struct RingRecognitionTests {
    @Test(arguments: [0, 1, 4095, 4096, 0x1000_0000, UInt64.max, UInt64.max & ~4095, 1 << 63, 0xffff_8000_0000_0000])
    func madeUpContextHasNoRing(context: UInt64) {
        #expect(CompletionRing(of: context) == nil)
    }

    @Test func pageOfARingIsOne() {
        let fake = FakeRing()
        #expect(CompletionRing(of: fake.context)?.capacity == 127)
    }

    private static let strangers: [(String, @Sendable (inout FakeRing.Header) -> Void)] = [
        ("no magic", { $0.magic = 0 }),
        ("another magic", { $0.magic = 0xa10a_10a2 }),
        ("a feature that must be known", { $0.incompatibleFeatures = 1 }),
        ("a longer header", { $0.headerLength = 64 }),
        ("no room", { $0.capacity = 0 }),
    ]

    @Test(arguments: strangers.indices)
    func pageWithAnotherHeaderIsNone(index: Int) {
        let fake = FakeRing()
        let (what, change) = Self.strangers[index]
        change(&fake.header)
        #expect(CompletionRing(of: fake.context) == nil, "\(what)")
    }

    @Test func zeroedPageIsNone() {
        let fake = FakeRing()
        memset(fake.page, 0, 4096)
        #expect(CompletionRing(of: fake.context) == nil)
    }

    @Test func ringThatDoesNotStartAPageIsNone() {
        let fake = FakeRing()
        memmove(fake.page + 8, fake.page, 32)
        #expect(CompletionRing(of: fake.context + 8) == nil)
    }

    /// A guard page is mapped and yet must not be touched.
    @Test func pageThatMayNotBeReadIsNoneAndDoesNotCrash() {
        let fake = FakeRing()
        fake.protect(PROT_NONE)
        #expect(CompletionRing(of: fake.context) == nil)
        fake.protect(PROT_READ)
        #expect(CompletionRing(of: fake.context) != nil)
    }

    /// In a process of its own, where nobody maps a ring at the address that becomes free.
    @Test func pageThatIsUnmappedIsNone() async {
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
