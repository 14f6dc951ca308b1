# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# lib.sh - what the scripts beside it share: the versions, where their kernels
# and modules are kept.  Sourced after common.sh and packages.sh.

uml=$rill_root/scripts/uml
uml_versions=(6.1 6.12)

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

# source_version VERSION - of the source package that is installed or, because
# a cached kernel needs no source, of the one that would be.
source_version() {
	local package=linux-source-$1 found

	found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null) ||
		found=$(apt_candidate "$package")
	if [[ -z $found ]]; then
		apt_lists_refresh
		found=$(apt_candidate "$package")
	fi
	[[ -n $found ]] || die "no package $package: are the bookworm and" \
		"bookworm-security repositories in the apt sources?"
	echo "$found"
}

apt_candidate() {
	LC_ALL=C apt-cache policy "$1" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# The variants of a kernel: with all checks for the KUnit tests, or fast.
check_variant() {
	case $1 in
	unit | bench) ;;
	*) die_usage "unknown variant '$1' (unit or bench)" ;;
	esac
}

# wanted VERSION VARIANT - its configuration: what all have, then what it has
# alone.
wanted() {
	local name=$uml/kernel

	[[ $2 == unit ]] || name+=-$2
	cat "$name.config"
	[[ ! -e $name-$1.config ]] || cat "$name-$1.config"
}

# patches VERSION VARIANT - the files, in their order.
patches() {
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
