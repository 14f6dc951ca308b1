# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# sources.sh - Debian's kernel sources: which version a series stands for, and
# its tarball in the cache.  Sourced after common.sh, packages.sh and suites.sh.

# source_version SERIES - of the package that would be taken.  Once asked it is
# remembered, so that later runs need no network; RILL_UPDATE=1 asks again.
source_version() {
	local memo=$rill_cache/sources/$1 suite found

	if [ -z "${RILL_UPDATE:-}" ] && [ -s "$memo" ]; then
		cat "$memo"
		return
	fi
	suite=$(series_suite "$1")
	found=$(suite_version "$suite" "linux-source-$1")
	[ -n "$found" ] || die "no package linux-source-$1 in $suite"
	mkdir -p "$rill_cache/sources"
	echo "$found" >"$memo"
	echo "$found"
}

# source_tarball SERIES - the path of its sources in the cache.
source_tarball() {
	local version file lock

	version=$(source_version "$1")
	file=$rill_cache/sources/linux-source-$1_$version.tar.xz
	if [ ! -s "$file" ]; then
		lock_fd lock "$rill_cache/sources/$1.lock"
		[ -s "$file" ] || source_fetch "$1" "$version" "$file"
		unlock_fd lock
	fi
	echo "$file"
}

source_fetch() {
	local name=linux-source-$1 version=$2 file=$3 package

	rm -f "$rill_cache/sources/$name"_*
	package=$(suite_download "$(series_suite "$1")" "$name" \
		"$rill_cache/sources")
	if [ "$(dpkg-deb -f "$package" Version)" != "$version" ]; then
		rm -f "$package" "$rill_cache/sources/$1"
		die "$name is no longer $version: run again"
	fi
	dpkg-deb --fsys-tarfile "$package" |
		tar xO "./usr/src/$name.tar.xz" >"$file.new" ||
		die "$name has no $name.tar.xz"
	rm -f "$package"
	mv "$file.new" "$file"
}
