# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# packages.sh - get what a command needs from the distribution.  Sourced after
# common.sh.

# What the tests take, by what it is for, so that scripts/test/all can install all
# of it before anything runs: guests see this machine's files, and a package that
# is installed beneath them changes those.
# Building a module; at W=1 the kernel's build runs kernel-doc, which is written in
# Perl, from 7.x on in Python.
rill_build_packages=(make gcc libc6-dev perl python3)
# Judging sources and pages.
rill_check_packages=(sparse shellcheck perl xz-utils kmod libc6-dev
	universal-ctags mandoc man-db dwarves pyflakes3 tcpdump tshark)
# Building and running a kernel of User-Mode Linux.
rill_uml_packages=(bc binutils bison flex gcc libc6-dev make patch xz-utils
	iproute2 kmod python3)
# What the guest suites themselves run.
rill_suite_packages=(apparmor curl gcc kmod libc6-dev make nginx-light secilc tcpdump)
# Building Debian packages, and judging them.
rill_deb_packages=(git debhelper dh-dkms dpkg-dev gcc make libc6-dev)
rill_deb_check_packages=(lintian dpkg-dev kmod pkgconf)
export rill_build_packages rill_check_packages rill_uml_packages \
	rill_suite_packages rill_deb_packages rill_deb_check_packages

package_installed() {
	local status
	status=$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) &&
		[ "$status" = installed ]
}

# apt_lists_refresh - run apt-get update once in this process tree.  A machine
# that was just installed has no lists at all, or lists whose files are gone
# from the mirror.
apt_lists_refresh() {
	local lists

	[ -z "${RILL_APT_UPDATED:-}" ] || return 0
	export RILL_APT_UPDATED=1
	# apt-get update does not wait for another one.
	lock_fd lists "$rill_cache/lists.lock"
	say "packages: refreshing the lists"
	as_root apt-get -qq update >&2 ||
		say "packages: apt-get update failed, going on with the old lists"
	unlock_fd lists
}

# as_root CMD... - run it as root, through sudo if need be.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "must be root (or have sudo) to run: $*"
	fi
}

# apt_install PACKAGE... - one quiet, unattended installation.
apt_install() {
	# Services must not start: a test machine needs the programs only.
	as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
		apt-get -qq -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 install "$@" >&2
}

# need_packages PACKAGE... - install those that are missing, and only those, in
# one go.  RILL_NO_INSTALL=1 makes a missing package an error instead.
need_packages() {
	local missing lock

	have dpkg-query || die "needs Debian (dpkg and apt)"
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0

	[ -z "${RILL_NO_INSTALL:-}" ] ||
		die "missing; install: apt-get install $missing"
	# Another script may be installing them now, and apt does not wait for
	# those that fetch lists.
	lock_fd lock "$rill_cache/packages.lock"
	missing=$(packages_missing "$@")
	if [ -n "$missing" ]; then
		say "packages: installing $missing"
		apt_lists_refresh
		# shellcheck disable=SC2086 # names of packages
		apt_install $missing || die "could not install: $missing"
	fi
	unlock_fd lock
}

# packages_missing PACKAGE... - those that are not installed, in one line.
packages_missing() {
	local package missing=''

	for package in "$@"; do
		package_installed "$package" || missing+=" $package"
	done
	echo "${missing# }"
}
