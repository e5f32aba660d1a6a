# The two commands: `make test` and `make bench`. The rest is `make help`.

.PHONY: help setup build test test-posix test-threads test-tools test-server sim bench bench-full bench-posixaio bench-server bench-sum bench-test posixaio install-posixaio format lint clean

PREFIX ?= /usr/local

# Without the .build directories beside them.
EXAMPLES = Examples/Lifecycle Examples/Classic $(wildcard Examples/*/Package.swift Examples/*/Sources Examples/*/Tests)

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: ## install what is missing (libaio-dev), or say what to install
	@scripts/setup

build: setup ## build the library and the examples
	swift build --traits Services

test: setup ## build and run every test
	scripts/test

test-tools: setup ## test aio-cp, aio-sum and aio-doctor alone (`make test` does, too)
	swift test -c release --package-path Examples/Tools

test-server: setup ## test the file server alone, under load (`make test` does, too)
	swift test -c release --package-path Examples/FileServer

sim: setup ## run the engine on a virtual kernel by seeds, or by one: SEED=n, or SCENARIOS=n FIRST=n (`make test` does, too)
	SIM_SEED=$(SEED) SIM_SCENARIOS=$(SCENARIOS) SIM_FIRST=$(FIRST) scripts/test --filter '^SimulationTests\.'

bench: setup ## measure reads and writes on this machine's own disk, beside a C loop (two minutes)
	scripts/bench

bench-full: setup ## the whole matrix of patterns, sizes, depths and engines (half an hour)
	scripts/bench --full

bench-posixaio: setup ## fio on the C library's POSIX AIO, on libposixaio.so and on libaio (two minutes)
	scripts/bench --posix --no-memory

bench-server: setup ## the file server beside itself reading through NIOFileSystem, under load from wrk (two minutes)
	scripts/bench-server --check

bench-sum: setup ## aio-sum beside two processes of sha256sum (a minute)
	scripts/bench-sum

bench-test: setup ## test the benchmark itself
	swift test --package-path Benchmarks

test-posix: setup ## run the tests of POSIX AIO and of libposixaio.so alone (`make test` does, too)
	@scripts/setup-clients
	@scripts/posixaio >/dev/null
	scripts/test --filter '^POSIXAIOTests\.'

test-threads: setup ## run the tests where kernel AIO is refused, on blocking threads (`make test` does with a part of them)
	swift build --build-tests --traits Services
	scripts/posixaio >/dev/null
	scripts/test-threads

posixaio: ## build libposixaio.so, a drop-in for aio_read(3) and its like, with Swift inside
	@scripts/posixaio

install-posixaio: ## install it and posixaio-run, to PREFIX (/usr/local)
	@library="$$(scripts/posixaio)" && install -d "$(DESTDIR)$(PREFIX)/lib" "$(DESTDIR)$(PREFIX)/bin" && \
	install -m 644 "$$library" "$(DESTDIR)$(PREFIX)/lib/libposixaio.so" && \
	install -m 755 scripts/posixaio-run "$(DESTDIR)$(PREFIX)/bin/posixaio-run"

format: ## format the sources in place
	swift format --in-place --recursive Package.swift Sources Tests $(EXAMPLES) Benchmarks/Sources Benchmarks/Tests Benchmarks/Package.swift

lint: ## check the formatting
	swift format lint --strict --recursive Package.swift Sources Tests $(EXAMPLES) Benchmarks/Sources Benchmarks/Tests Benchmarks/Package.swift

clean: ## remove what the builds made
	rm -rf .build .build-* Examples/*/.build Benchmarks/.build Benchmarks/.build-*
