// The C part of swift-aio, which imports as the module CAIOShims. This header only includes the others.
//
// Every function that can fail returns a negative error number (-errno), and its result otherwise, unless its comment
// says something else. A function that retries a call after EINTR says so. Each header has its .c file beside it.
//
//   the kernel's AIO
//     structures.h   the control block and the completion event, with the exact layout of the kernel's
//     constants.h    opcodes, flags and limits that the Glibc module hides from Swift
//     calls.h        the five calls: io_setup(2), io_submit(2), io_getevents(2), io_cancel(2), io_destroy(2)
//     ring.h         the completion ring in user space
//
//   files
//     files.h        open, close, read, write, resize, synchronize
//     metadata.h     what an open file is: size, identity, file system, alignment of direct I/O
//     opening.h      opening and closing on the calling thread, where that needs no wait
//     copying.h      what copying and replacing a file needs
//
//   descriptors that wait
//     streams.h      pipes, sockets and terminals: one attempt, without SIGPIPE
//     readiness.h    poll(2) and epoll(7)
//     eventfd.h      eventfd(2)
//
//   the process
//     threading.h    threads, their signals and names; the cores
//     clock.h        the monotonic clock
//     fork.h         telling a forked child from its parent
//     lock.h         a lock of one word, which works in a forked child
#ifndef CAIOSHIMS_H
#define CAIOSHIMS_H

#include "calls.h"
#include "clock.h"
#include "constants.h"
#include "copying.h"
#include "eventfd.h"
#include "files.h"
#include "fork.h"
#include "lock.h"
#include "metadata.h"
#include "opening.h"
#include "readiness.h"
#include "ring.h"
#include "streams.h"
#include "structures.h"
#include "threading.h"

#endif
