import SystemPackage
import Testing

@testable import AIOEngine

@Suite struct OutcomeTests {
    @Test(arguments: [0, 1, 4096, Int.max]) func takesCountsForResults(count: Int) {
        #expect(Outcome(count).result == count)
        #expect(Outcome(count).errno == nil)
    }

    @Test(arguments: [1, 5, 22, 4095]) func takesSmallNegativesForErrors(number: Int32) {
        #expect(Outcome(-Int(number)).errno == Errno(rawValue: number))
        #expect(Outcome(-Int(number)).result == nil)
        #expect(Outcome.failure(Errno(rawValue: number)) == Outcome(-Int(number)))
    }

    @Test func keepsTheEnginesOutcomesApartFromTheKernelsResults() {
        let own: [Outcome] = [.cancelled, .shutDown, .forked, .overloaded]
        #expect(Set(own).count == own.count)
        for outcome in own {
            #expect(outcome.errno == nil)
            #expect(outcome.result == nil)
            #expect(outcome.rawValue < -4095)
        }
        #expect(Outcome(-4096).errno == nil)
    }

    @Test(arguments: [(0, 0), (1, 0), (0, 1), (OperationID.largestIndex - 1, UInt32.max - 1), (7, .max)])
    func carriesIndexAndGenerationInATag(index: UInt32, generation: UInt32) {
        let id = OperationID(index: index, generation: generation)
        #expect(OperationID(tag: id.tag) == id)
        #expect(id.tag != OperationID.wakeTag)
    }

    @Test func isPassedToACompletionOnce() {
        final class Recorder { var outcomes: [Int] = [] }
        let recorder = Recorder()
        let token = UInt(bitPattern: Unmanaged.passUnretained(recorder).toOpaque())
        let completion = Completion(token: token) { token, outcome in
            guard let pointer = UnsafeRawPointer(bitPattern: token) else { return }
            Unmanaged<Recorder>.fromOpaque(pointer).takeUnretainedValue().outcomes.append(outcome)
        }
        completion(Outcome(17))
        withExtendedLifetime(recorder) { #expect(recorder.outcomes == [17]) }
    }
}
