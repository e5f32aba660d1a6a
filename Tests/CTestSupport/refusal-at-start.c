// A test process in which AIO_TESTS_REFUSE lists system calls has these refused from its start, before any other thread runs.
#include "CTestSupport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Has every engine fall back to threads: TestSupport/Kernel/Backend.swift.
void test_fall_back_by_default(void) __attribute__((weak));

__attribute__((constructor)) static void refuse_at_start(void) {
    const char *list = getenv("AIO_TESTS_REFUSE");
    if (!list || !*list) return;
    int result = test_refuse_listed(list);
    if (result < 0) {
        fprintf(stderr, "SKIPPED: no system call can be refused here: %s\n", strerror(-result));
        _exit(0);
    }
    if (test_fall_back_by_default) test_fall_back_by_default();
}
