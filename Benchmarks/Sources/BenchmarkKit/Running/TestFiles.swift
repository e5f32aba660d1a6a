/// The files of the workloads: one of each kind that they need.
package struct TestFiles: Sendable {
    private struct Kind: Hashable {
        var target: Workload.Target
        var contents: TestFile.Contents

        init(_ workload: Workload) {
            target = workload.target
            contents = workload.contents
        }
    }

    private var files: [Kind: TestFile] = [:]

    package init() {}

    package subscript(workload: Workload) -> TestFile? {
        get { files[Kind(workload)] }
        set { files[Kind(workload)] = newValue }
    }

    package func removeAll() { for file in files.values { file.remove() } }
}
