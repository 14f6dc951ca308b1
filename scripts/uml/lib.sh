# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# lib.sh - what the scripts beside it share: the versions, where their kernels
# and modules are kept.  Sourced after common.sh and packages.sh.

# shellcheck source=scripts/lib/suites.sh
. "$rill_root/scripts/lib/suites.sh"
# shellcheck source=scripts/lib/sources.sh
. "$rill_root/scripts/lib/sources.sh"
# shellcheck source=scripts/lib/slots.sh
. "$rill_root/scripts/lib/slots.sh"

uml=$rill_root/scripts/uml
uml_versions=(6.1 6.12 7.3)

note() {
	say "uml $version: $*"
}

check_version() {
	local known

	for known in "${uml_versions[@]}"; do
		[[ $1 != "$known" ]] || return 0
	done
	die_usage "unknown version '$1' (one of: ${uml_versions[*]})"
}

check_cache() {
	# make and the kernel's command line both split at white space.
	[[ $rill_cache != *[[:space:]]* ]] ||
		die "white space in the name of the cache directory: $rill_cache"
	mkdir -p "$rill_cache/log" 2>/dev/null ||
		die "cannot write to the cache directory $rill_cache"
	rill_cache=$(cd -P "$rill_cache" && pwd)
}

# check_variant VERSION VARIANT - the variants of a kernel: for the KUnit tests,
# with all checks; for the benchmarks, fast; for the guest suites, with all
# checks and two processors, which User-Mode Linux has in 7.x.
check_variant() {
	case $1:$2 in
	*:unit | 6.*:bench | 7.*:smp) ;;
	*) die_usage "no variant '$2' of $1 (unit, bench for 6.x, smp for 7.x)" ;;
	esac
}

# wanted VERSION VARIANT - its configuration: what all have, then what it has
# alone; what is said last counts.
wanted() {
	local name=$uml/kernel file
	local -a files=("$name.config" "$name-$1.config")

	case $2 in
	bench) files=("$name-bench.config" "$name-bench-$1.config") ;;
	smp) files+=("$name-smp.config") ;;
	esac
	for file in "${files[@]}"; do
		[[ ! -e $file ]] || cat "$file"
	done | tac | awk -F= '/^CONFIG_/ && !said[$1]++' | tac
}

# patches VERSION VARIANT - the files, in their order.
patches() {
	echo "$uml/linux.patch"
	echo "$uml/linux-$1.patch"
	[[ $2 == bench ]] || return 0
	echo "$uml/linux-bench.patch"
	echo "$uml/linux-bench-$1.patch"
}

# kernel_dir VERSION [VARIANT] - all that its content depends on is in the name.
kernel_dir() {
	local variant=${2:-unit} name=uml-$1 package hash

	[[ $variant == unit ]] || name+=-$variant
	need_packages gcc
	package=$(source_version "$1")
	hash=$({
		echo "$package"
		gcc -dumpfullversion
		wanted "$1" "$variant"
		cat "$uml/build"
		patches "$1" "$variant" | xargs cat
	} | sha256sum)
	echo "$rill_cache/$name-${hash:0:12}"
}

# module_dir VERSION [VARIANT [CHECKOUT]] - one for each checkout.
module_dir() {
	local variant=${2:-unit} name=uml-$1 hash

	[[ $variant == unit ]] || name+=-$variant
	hash=$(sha256sum <<<"${3:-$rill_root}")
	echo "$rill_cache/$name-module-${hash:0:12}"
}

# lock FILE - held until this process ends.
lock() {
	local fd

	exec {fd}>"$1"
	if ! flock -n "$fd"; then
		note "waiting for another process that has ${1##*/}"
		flock "$fd"
	fi
}

# memory_dir DIRECTORY MIB - where the file lies that is a kernel's memory: best
# in memory; a container's /dev/shm is often too small, which would end in
# SIGBUS.  Two kernels may run at once.
memory_dir() {
	if [[ -w /dev/shm ]] &&
		(($(df --output=avail -m /dev/shm | tail -n 1) > 2 * $2)); then
		echo /dev/shm
	else
		echo "$1"
	fi
}
