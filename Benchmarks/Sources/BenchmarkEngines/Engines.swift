package import BenchmarkKit

/// Returns the engines that do not use the library.
package func referenceEngines() -> [any Engine] {
    [
        CLoopEngine(.batched), CLoopEngine(.single), PreadPoolEngine(), NIOEngine(), DispatchEngine(),
        FioEngine(.libaio), FioEngine(.posix), FioEngine(.dropIn), NIOChunksEngine(), NIOLinesEngine(),
        ByteLinesEngine(), CpEngine(),
    ]
}
