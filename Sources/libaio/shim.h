#ifndef LIBAIO_SHIM_H
#define LIBAIO_SHIM_H

// Debian's libaio-dev has no pkg-config file. Without one SwiftPM cannot name the package to install when the header
// is missing; this error does.
#if !__has_include(<libaio.h>)
#error "libaio.h is missing: install it with 'apt-get install libaio-dev' (Fedora: 'dnf install libaio-devel')"
#endif
#include <libaio.h>

#endif
