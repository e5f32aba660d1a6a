// The functions that libposixaio.so exports: the names of aio.h, in both widths (`struct aiocb` and `struct aiocb64` are
// the same here). No others may be visible: scripts/posixaio.map repeats the names for the linker.
//
// This target checks the calls themselves; POSIXAIO does the rest. Its files:
// - `Calls.swift`: the exported functions.
// - `Requests.swift`: aio_read, aio_write, aio_fsync and aio_cancel, from the arguments to the service.
// - `List.swift`: lio_listio.
// - `RequestDescription+ControlBlock.swift`, `RequestDescription+List.swift`: requests from `struct aiocb`.
// - `ControlBlockPointer+State.swift`: the fields of `struct aiocb` that are written.
public import CPOSIXAIO
internal import POSIXAIO

#if compiler(<6.3)
    #error("libposixaio.so exports its functions with @c: it needs Swift 6.3")
#endif

public typealias ControlBlockPointer = UnsafeMutablePointer<pxa_control_block>

// MARK: - Transfers

/// aio_read(3).
@c(aio_read)
public func aioRead(_ block: ControlBlockPointer?) -> Int32 { submit(block, .read) }
@c(aio_read64)
public func aioRead64(_ block: ControlBlockPointer?) -> Int32 { submit(block, .read) }

/// aio_write(3).
@c(aio_write)
public func aioWrite(_ block: ControlBlockPointer?) -> Int32 { submit(block, .write) }
@c(aio_write64)
public func aioWrite64(_ block: ControlBlockPointer?) -> Int32 { submit(block, .write) }

/// aio_fsync(3).
@c(aio_fsync)
public func aioFsync(_ operation: Int32, _ block: ControlBlockPointer?) -> Int32 { synchronize(operation, block) }
@c(aio_fsync64)
public func aioFsync64(_ operation: Int32, _ block: ControlBlockPointer?) -> Int32 { synchronize(operation, block) }

// MARK: - Status: no lock and no allocation, because signal handlers may call these

/// aio_error(3).
@c(aio_error)
public func aioError(_ block: UnsafePointer<pxa_control_block>?) -> Int32 { pxa_block_error(block) }
@c(aio_error64)
public func aioError64(_ block: UnsafePointer<pxa_control_block>?) -> Int32 { pxa_block_error(block) }

/// aio_return(3).
@c(aio_return)
public func aioReturn(_ block: ControlBlockPointer?) -> Int { pxa_block_value(block) }
@c(aio_return64)
public func aioReturn64(_ block: ControlBlockPointer?) -> Int { pxa_block_value(block) }

/// aio_suspend(3).
@c(aio_suspend)
public func aioSuspend(
    _ list: UnsafePointer<UnsafePointer<pxa_control_block>?>?, _ count: Int32, _ timeout: UnsafePointer<timespec>?
) -> Int32 { pxa_block_suspend(list, count, timeout) }
@c(aio_suspend64)
public func aioSuspend64(
    _ list: UnsafePointer<UnsafePointer<pxa_control_block>?>?, _ count: Int32, _ timeout: UnsafePointer<timespec>?
) -> Int32 { pxa_block_suspend(list, count, timeout) }

// MARK: - Cancellation, lists, settings

/// aio_cancel(3).
@c(aio_cancel)
public func aioCancel(_ descriptor: Int32, _ block: ControlBlockPointer?) -> Int32 { cancel(descriptor, block) }
@c(aio_cancel64)
public func aioCancel64(_ descriptor: Int32, _ block: ControlBlockPointer?) -> Int32 { cancel(descriptor, block) }

/// lio_listio(3).
@c(lio_listio)
public func lioListio(
    _ mode: Int32, _ list: UnsafePointer<ControlBlockPointer?>?, _ count: Int32,
    _ notification: UnsafePointer<pxa_notification>?
) -> Int32 { submitList(mode, list, count, notification) }
@c(lio_listio64)
public func lioListio64(
    _ mode: Int32, _ list: UnsafePointer<ControlBlockPointer?>?, _ count: Int32,
    _ notification: UnsafePointer<pxa_notification>?
) -> Int32 { submitList(mode, list, count, notification) }

/// aio_init of glibc: hints, which count until the first request.
@c(aio_init)
public func aioInit(_ settings: UnsafePointer<pxa_settings>?) {
    guard let settings else { return }
    RequestService.configure(threads: Int(settings.pointee.threads), requests: Int(settings.pointee.requests))
}
