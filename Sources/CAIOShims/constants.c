// The constants that are not enumerators, and assertions that the opcodes are those of libaio.h.
#include "constants.h"
#include "../libaio/shim.h"

#include <fcntl.h>

const int caio_o_direct = O_DIRECT;
const int caio_o_cloexec = O_CLOEXEC;

_Static_assert(CAIO_CMD_PREAD == (int)IO_CMD_PREAD && CAIO_CMD_PWRITE == (int)IO_CMD_PWRITE, "opcodes");
_Static_assert(CAIO_CMD_FSYNC == (int)IO_CMD_FSYNC && CAIO_CMD_FDSYNC == (int)IO_CMD_FDSYNC, "opcodes");
_Static_assert(CAIO_CMD_POLL == (int)IO_CMD_POLL && CAIO_CMD_NOOP == (int)IO_CMD_NOOP, "opcodes");
_Static_assert(CAIO_CMD_PREADV == (int)IO_CMD_PREADV && CAIO_CMD_PWRITEV == (int)IO_CMD_PWRITEV, "opcodes");
