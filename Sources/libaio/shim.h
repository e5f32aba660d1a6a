#ifndef LIBAIO_SHIM_H
#define LIBAIO_SHIM_H

// The package has no pkg-config file on Debian, so SwiftPM cannot name the provider by itself when the
// header is missing: this does.
#if !__has_include(<libaio.h>)
#error "libaio.h is missing: install it with 'apt-get install libaio-dev' (Fedora: 'dnf install libaio-devel')"
#endif
#include <libaio.h>

#endif
