// Asserts at compile time that CPOSIXAIO's structures lie in memory as glibc's do.
#include "CPOSIXAIO.h"

#include <aio.h>
#include <fcntl.h>
#include <signal.h>

#define SAME(ours, field, theirs, name)                                                                      \
    _Static_assert(offsetof(ours, field) == offsetof(theirs, name), #theirs ": " #field);                    \
    _Static_assert(sizeof(((ours *)0)->field) == sizeof(((theirs *)0)->name), #theirs ": " #field)

#define SAME_BLOCK(type)                                                                                     \
    _Static_assert(sizeof(pxa_control_block) == sizeof(type), #type);                                        \
    SAME(pxa_control_block, descriptor, type, aio_fildes);                                                   \
    SAME(pxa_control_block, list_operation, type, aio_lio_opcode);                                           \
    SAME(pxa_control_block, priority, type, aio_reqprio);                                                    \
    SAME(pxa_control_block, buffer, type, aio_buf);                                                          \
    SAME(pxa_control_block, count, type, aio_nbytes);                                                        \
    SAME(pxa_control_block, notification, type, aio_sigevent);                                               \
    SAME(pxa_control_block, state.error, type, __error_code);                                                \
    SAME(pxa_control_block, state.value, type, __return_value);                                              \
    SAME(pxa_control_block, offset, type, aio_offset)

SAME_BLOCK(struct aiocb);
SAME_BLOCK(struct aiocb64);

_Static_assert(sizeof(pxa_notification) == sizeof(struct sigevent), "sigevent");
SAME(pxa_notification, value, struct sigevent, sigev_value);
SAME(pxa_notification, signal, struct sigevent, sigev_signo);
SAME(pxa_notification, kind, struct sigevent, sigev_notify);
SAME(pxa_notification, function, struct sigevent, sigev_notify_function);
SAME(pxa_notification, attributes, struct sigevent, sigev_notify_attributes);

_Static_assert(sizeof(pxa_settings) == sizeof(struct aioinit), "aioinit");
SAME(pxa_settings, threads, struct aioinit, aio_threads);
SAME(pxa_settings, requests, struct aioinit, aio_num);

_Static_assert(PXA_NOTIFY_SIGNAL == SIGEV_SIGNAL && PXA_NOTIFY_NONE == SIGEV_NONE, "notification");
_Static_assert(PXA_NOTIFY_THREAD == SIGEV_THREAD, "notification");
_Static_assert(PXA_LIST_READ == LIO_READ && PXA_LIST_WRITE == LIO_WRITE && PXA_LIST_NOTHING == LIO_NOP, "list");
_Static_assert(PXA_LIST_WAIT == LIO_WAIT && PXA_LIST_NO_WAIT == LIO_NOWAIT, "list");
_Static_assert(PXA_CANCELED == AIO_CANCELED && PXA_NOT_CANCELED == AIO_NOTCANCELED, "cancellation");
_Static_assert(PXA_ALL_DONE == AIO_ALLDONE, "cancellation");

const int pxa_o_sync = O_SYNC, pxa_o_dsync = O_DSYNC;
