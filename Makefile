# SPDX-License-Identifier: GPL-2.0
#
# For people; what kbuild compiles is said in Kbuild.
#
# Targets are documented by the comment after ##; "make help" prints them.

KDIR	?= /lib/modules/$(shell uname -r)/build
PREFIX	?= /usr/local
DESTDIR	?=
KERNEL	?= 6.1
FLAVOUR	?= cloud
SUITE	?=

version	:= $(shell sed -n '1s/^rill (\(.*\)) .*/\1/p' scripts/deb/debian/changelog)
release	= $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)
moddir	= $(DESTDIR)/lib/modules/$(release)/extra
header	= $(DESTDIR)$(PREFIX)/include/linux/rill.h
command	= $(DESTDIR)$(PREFIX)/bin/rill
preload	= $(library)/rill_preload.so
man	= $(DESTDIR)$(PREFIX)/share/man
library	= $(DESTDIR)$(PREFIX)/lib/rill
complete = $(DESTDIR)$(PREFIX)/share/bash-completion/completions/rill
zsh	= $(DESTDIR)$(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)/_rill
modprobe = $(DESTDIR)$(PREFIX)/lib/modprobe.d/rill.conf
wireshark = $(DESTDIR)$(PREFIX)/lib/$(shell $(CC) -print-multiarch)/wireshark/plugins/rill.lua
tmpfiles = $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/rill.conf
pkgconfig = $(DESTDIR)$(PREFIX)/share/pkgconfig/rill.pc
source	= $(DESTDIR)$(PREFIX)/src/rill-$(version)
depmod	= $(if $(DESTDIR),true,/sbin/depmod $(release))

arch_kernels	= $(if $(filter command environment,$(firstword $(origin KERNEL))),$(addprefix --kernel ,$(KERNEL)))

PRELOAD_CFLAGS	= -O2 -Wall -Wextra -fPIC -shared

.DEFAULT_GOAL	:= modules
.PHONY: modules preload sparse style install install-module install-tools \
	install-header install-source uninstall deb clean help \
	test test-build test-unit test-smp test-vm test-hosts test-packages \
	test-arm64 test-s390x bench demo check

modules: check ## Build rill.ko for the running kernel, or for the headers in KDIR=
	+@scripts/build/modules $(KDIR) $(CURDIR) $(MAKE)

check:
	@scripts/build/check $(KDIR)

preload: scripts/preload/rill_preload.so ## Build the preload library of "rill run"

scripts/preload/rill_preload.so: scripts/preload/rill_preload.c
	@command -v $(CC) >/dev/null || { echo "no $(CC); install the package gcc" >&2; exit 1; }
	$(CC) $(PRELOAD_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -ldl

sparse: ## Check types and byte order with sparse; silent if all is well
	@scripts/build/sparse $(if $(filter command environment,$(firstword $(origin KDIR))),$(KDIR))

style: ## Check style: checkpatch --strict, kernel-doc, shellcheck, pyflakes, mandoc
	@scripts/build/style

install: install-module install-tools install-header ## Install all this for the kernel of KDIR (DESTDIR=, PREFIX=)

install-module: modules
	install -D -m 644 rill.ko $(moddir)/rill.ko
	[ ! -e rill_diag.ko ] || install -m 644 rill_diag.ko $(moddir)/rill_diag.ko
	$(depmod)

install-tools: preload
	install -D -m 755 scripts/rill $(command)
	sed -i 's/^version=$$/version=$(version)/' $(command)
	install -D -m 755 scripts/preload/rill_preload.so $(preload)
	install -d $(library)/command
	install -m 644 scripts/command/*.py module/control/tunables.h $(library)/command
	install -D -m 644 scripts/man/rill.7 $(man)/man7/rill.7
	install -D -m 644 scripts/man/rill.8 $(man)/man8/rill.8
	install -D -m 644 scripts/install/completion.sh $(complete)
	install -D -m 644 scripts/install/zsh-completion $(zsh)
	install -D -m 644 scripts/install/modprobe.conf $(modprobe)
	install -D -m 644 scripts/wireshark/rill.lua $(wireshark)
	ln -sf $(patsubst $(DESTDIR)%,%,$(wireshark)) $(library)/command/rill.lua
	install -D -m 644 scripts/install/tmpfiles.conf $(tmpfiles)

install-header:
	install -D -m 644 include/uapi/linux/rill.h $(header)
	install -D -m 644 scripts/install/rill.pc.in $(pkgconfig)
	sed -i 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(version)|' $(pkgconfig)

# What it takes to build the module, for DKMS.
install-source:
	@for file in Kbuild Makefile LICENSE scripts/deb/debian/changelog \
		scripts/build/check* scripts/build/modules scripts/lib/*.sh \
		$$(find module include -name '*.[ch]' ! -name '*.mod.c' ! -name '.*'); do \
		mode=644; [ ! -x $$file ] || mode=755; \
		install -D -m $$mode $$file $(source)/$$file || exit; done

uninstall: ## Remove what install put there
	rm -f $(moddir)/rill.ko $(moddir)/rill_diag.ko $(header) $(command) $(preload) \
		$(man)/man7/rill.7 $(man)/man8/rill.8 $(complete) $(zsh) $(modprobe) \
		$(wireshark) $(tmpfiles) $(pkgconfig)
	rm -rf $(library)/command
	-rmdir --ignore-fail-on-non-empty $(dir $(preload)) 2>/dev/null
	$(depmod)

deb: ## Build the Debian packages into OUT= (below the cache unless given)
	@scripts/deb/build $(OUT)

test: ## Everything: builds, unit tests, three kernels in virtual machines (about 75 minutes)
	@scripts/test/all

test-build: ## Build against every Debian kernel flavour, with sparse and style
	@scripts/build/matrix

test-unit: ## KUnit under User-Mode Linux (KERNEL="6.1 7.3"; 6.12)
	@scripts/uml/unit $(if $(filter command environment,$(firstword $(origin KERNEL))),$(KERNEL))

test-smp: ## Suites on two processors of User-Mode Linux, with KASAN and lockdep (SUITE=name)
	@scripts/uml/smp $(addprefix --suite ,$(SUITE))

test-vm: ## Suites in a virtual machine (KERNEL=6.1|6.12|7.3 FLAVOUR=cloud|generic|rt SUITE=name)
	@scripts/vm/run $(KERNEL) --flavour $(FLAVOUR) $(addprefix --suite ,$(SUITE))

test-hosts: ## "make demo" in a fresh root of the other Debian, 13 on 12 and 12 on 13 (as root)
	@scripts/test/hosts

test-packages: ## Install the packages on Debian 12 and 13, change the kernel, Secure Boot
	@scripts/deb/test

test-arm64: ## Build for arm64, boot that emulated, move data (KERNEL="6.1 6.12")
	@scripts/arch/run arm64 $(arch_kernels)

test-s390x: ## The same on s390x, which is big-endian (KERNEL=6.1)
	@scripts/arch/run s390x $(arch_kernels)

bench: ## Measure rill beside TCP, table and plots (KERNEL=6.12|6.1; under 30 min)
	@scripts/bench/run $(if $(filter command environment,$(firstword $(origin KERNEL))),$(KERNEL),6.12)

demo: ## A file from nginx to curl over rill, in a virtual machine
	@scripts/demo/run

clean: ## Remove what building left in the tree
	@for name in rill rill_diag; do rm -f $$name.ko $$name.o $$name.mod $$name.mod.c \
		$$name.mod.o .$$name.*; done
	@rm -f Module.symvers modules.order \
		.module-common.o scripts/preload/rill_preload.so .Module.symvers.cmd \
		.modules.order.cmd .module-common.o.cmd ..module-common.o.cmd
	@find module kunit \( -name '*.o' -o -name '.*.cmd' -o -name '.*.d' \) -delete 2>/dev/null || true
	@find scripts -name __pycache__ -type d -exec rm -rf {} + 2>/dev/null || true

help: ## List the targets
	@echo "make [TARGET] [KDIR=/lib/modules/RELEASE/build]"
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | \
		while IFS="$$(printf '\t')" read -r name text; do \
			printf '  %-12s %s\n' "$$name" "$$text"; done
