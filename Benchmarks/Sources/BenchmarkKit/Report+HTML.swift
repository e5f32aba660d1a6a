/// HTML page; charts follow.
package enum HTMLReport {
    package static func page(_ results: Results, check: Check?) -> String { "" }
}
