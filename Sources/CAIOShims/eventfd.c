// eventfd(2).
#include "eventfd.h"
#include "result.h"

#include <sys/eventfd.h>

int caio_eventfd(void) { return (int)checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int caio_eventfd_write(int descriptor) { return (int)checked(eventfd_write(descriptor, 1)); }

int caio_eventfd_read(int descriptor) {
    eventfd_t value;
    return (int)checked(eventfd_read(descriptor, &value));
}
