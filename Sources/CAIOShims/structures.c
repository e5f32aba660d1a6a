// Assertions that the structures of structures.h have the layout of those of libaio.h.
#include "structures.h"
#include "../libaio/shim.h"

#include <stddef.h>

#define SAME(ours, theirs)                                                                               \
    _Static_assert(offsetof(caio_iocb, ours) == offsetof(struct iocb, theirs), "iocb: " #ours);          \
    _Static_assert(sizeof(((caio_iocb *)0)->ours) == sizeof(((struct iocb *)0)->theirs), "iocb: " #ours)

_Static_assert(sizeof(caio_iocb) == 64 && sizeof(struct iocb) == 64, "an iocb is 64 bytes");
SAME(data, data);
SAME(key, key);
SAME(rw_flags, aio_rw_flags);
SAME(opcode, aio_lio_opcode);
SAME(priority, aio_reqprio);
SAME(descriptor, aio_fildes);
SAME(buffer, u.c.buf);
SAME(count, u.c.nbytes);
SAME(offset, u.c.offset);
SAME(reserved, u.c.__pad3);
SAME(flags, u.c.flags);
SAME(result_descriptor, u.c.resfd);

_Static_assert(sizeof(caio_event) == 32 && sizeof(struct io_event) == 32, "an io_event is 32 bytes");
_Static_assert(offsetof(caio_event, object) == offsetof(struct io_event, obj), "io_event: object");
_Static_assert(offsetof(caio_event, result) == offsetof(struct io_event, res), "io_event: result");
_Static_assert(offsetof(caio_event, result2) == offsetof(struct io_event, res2), "io_event: result2");

_Static_assert(sizeof(io_context_t) == sizeof(uint64_t), "a context ID is 64 bits: swift-aio is for 64-bit Linux");
