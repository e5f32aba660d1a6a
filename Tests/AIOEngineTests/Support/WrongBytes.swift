/// A read returned other bytes than the file has.
struct WrongBytes: Error {}
