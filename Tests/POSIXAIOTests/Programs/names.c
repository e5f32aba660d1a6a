// Prints which library each name of aio.h comes from, in both widths.
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
    const char *names[] = {
        "aio_read", "aio_write", "aio_fsync", "aio_error", "aio_return", "aio_suspend", "aio_cancel", "lio_listio",
        "aio_read64", "aio_write64", "aio_fsync64", "aio_error64", "aio_return64", "aio_suspend64", "aio_cancel64",
        "lio_listio64", "aio_init",
    };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        Dl_info info = {0};
        void *address = dlsym(RTLD_DEFAULT, names[i]);
        printf("%s %s\n", names[i], address && dladdr(address, &info) ? info.dli_fname : "no library");
    }
    return 0;
}
