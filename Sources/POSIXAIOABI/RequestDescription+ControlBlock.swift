internal import CPOSIXAIO
internal import POSIXAIO

extension RequestDescription {
    init(_ kind: Kind, _ block: ControlBlockPointer, in group: RequestGroup? = nil) {
        // Field by field: the program need not have set the other fields, and the private ones are not read.
        self.init(
            kind, descriptor: block.pointee.descriptor, buffer: block.pointee.buffer,
            count: Int(bitPattern: UInt(block.pointee.count)), offset: block.pointee.offset,
            priority: block.pointee.priority, state: block.state,
            notification: pxa_foreign(&block.pointee.notification), group: group)
    }
}
