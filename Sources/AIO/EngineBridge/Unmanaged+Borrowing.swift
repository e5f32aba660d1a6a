extension Unmanaged<AnyObject> {
    /// Returns a reference that is not retained: the caller awaits the operation, and keeps the object alive meanwhile.
    static func borrowing(_ object: some AnyObject) -> Unmanaged<AnyObject> {
        .passUnretained(object as AnyObject)
    }
}
