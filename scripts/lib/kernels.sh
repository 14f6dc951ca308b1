# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# kernels.sh - Debian's kernels: which release a series and a flavour stand for
# now, its image, its headers, and rill.ko built for it.  Sourced after
# common.sh and packages.sh.

rill_series=(6.1 6.12)
rill_flavours=(cloud generic rt)
export rill_series rill_flavours

# What building a module takes besides the headers.
rill_build_packages=(make gcc)

# kernel_suffix FLAVOUR - the end of the package's and the release's name.
kernel_suffix() {
	case $1 in
	generic) echo amd64 ;;
	cloud | rt) echo "$1-amd64" ;;
	*) die_usage "unknown flavour '$1' (cloud, generic or rt)" ;;
	esac
}

# kernel_meta KIND SERIES FLAVOUR - the metapackage that follows the series.
# 6.1 is bookworm's own kernel, so its metapackages carry no number.
kernel_meta() {
	case $2 in
	6.1) echo "linux-$1-$(kernel_suffix "$3")" ;;
	*) echo "linux-$1-$2-$(kernel_suffix "$3")" ;;
	esac
}

# kernel_release SERIES FLAVOUR - the release, as uname -r prints it.  Once
# resolved it is remembered, so that later runs need no network; RILL_UPDATE=1
# asks again.
kernel_release() {
	local series=$1 flavour=$2
	local memo=$rill_cache/kernels/$series-$flavour
	local release

	case " ${rill_series[*]} " in
	*" $series "*) ;;
	*) die_usage "unknown kernel '$series' (one of: ${rill_series[*]})" ;;
	esac
	if [ -z "${RILL_UPDATE:-}" ] && [ -s "$memo" ]; then
		release=$(<"$memo")
		if [ -s "$rill_cache/kernels/$release/vmlinuz" ] ||
			package_installed "linux-headers-$release"; then
			echo "$release"
			return
		fi
	fi
	release=$(kernel_release_resolve "$series" "$flavour")
	if [ -z "$release" ]; then
		apt_lists_refresh
		release=$(kernel_release_resolve "$series" "$flavour")
	fi
	[ -n "$release" ] || die "no package of a $series $flavour kernel: are the" \
		"bookworm and bookworm-security repositories in the apt sources?"
	mkdir -p "$rill_cache/kernels"
	echo "$release" >"$memo"
	echo "$release"
}

# The newest release whose headers and image can both be had; nothing if there
# is none.
kernel_release_resolve() {
	local suffix series_re=${1//./\\.} release
	local -a candidates

	suffix=$(kernel_suffix "$2")
	mapfile -t candidates < <({
		apt-cache depends "$(kernel_meta image "$1" "$2")" 2>/dev/null |
			sed -n 's/^ *Depends: linux-image-//p'
		apt-cache pkgnames "linux-image-$1" | sed 's/^linux-image-//' |
			sort -rV
	} | grep -E "^$series_re\.[0-9][^-]*(-[0-9]+)?-${suffix}\$")
	for release in "${candidates[@]}"; do
		if apt_available "linux-headers-$release" &&
			apt_available "linux-image-$release"; then
			echo "$release"
			return
		fi
	done
}

apt_available() {
	[[ $(apt-cache policy "$1" 2>/dev/null) =~ Candidate:\ [^\(] ]]
}

# kernel_headers RELEASE|DIRECTORY - the directory to give to make as KDIR.
kernel_headers() {
	local dir

	for dir in "$1" "/lib/modules/$1/build" "/usr/src/linux-headers-$1"; do
		if [[ $dir = /* ]] && [ -e "$dir/Makefile" ]; then
			echo "$dir"
			return
		fi
	done
	return 1
}

# headers_release DIRECTORY - the release that a KDIR is for.
headers_release() {
	# Not include/config/kernel.release: Debian's holds the upstream version.
	sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' \
		"$1/include/generated/utsrelease.h" 2>/dev/null ||
		die "$1 holds no configured kernel headers"
}

# kernel_need RELEASE... - headers and compiler to build modules for them.
kernel_need() {
	local release
	local -a packages=("${rill_build_packages[@]}")

	for release in "$@"; do
		kernel_headers "$release" >/dev/null ||
			packages+=("linux-headers-$release")
	done
	need_packages "${packages[@]}"
	for release in "$@"; do
		kernel_headers "$release" >/dev/null ||
			die "no headers of $release (package linux-headers-$release)"
	done
}

# kernel_fetch RELEASE - vmlinuz, modules and the package itself in the cache;
# prints the directory.  The image is unpacked, never installed.
kernel_fetch() {
	local release=$1
	local dir=$rill_cache/kernels/$release
	local lock

	if [ -s "$dir/vmlinuz" ]; then
		echo "$dir"
		return
	fi
	lock_fd lock "$rill_cache/kernels/.lock"
	if [ ! -s "$dir/vmlinuz" ]; then
		kernel_fetch_into "$release" "$dir"
	fi
	unlock_fd lock
	echo "$dir"
}

kernel_fetch_into() {
	local release=$1 dir=$2
	local new=$2.new

	need_packages kmod
	rm -rf "$new" "$dir"
	mkdir -p "$new"
	say "kernel: downloading linux-image-$release"
	(cd "$new" && apt-get -qq -o APT::Sandbox::User=root download "linux-image-$release" >&2) || {
		apt_lists_refresh
		(cd "$new" && apt-get -qq -o APT::Sandbox::User=root download "linux-image-$release" >&2)
	} || die "could not download linux-image-$release"
	mv "$new"/*.deb "$new/package.deb"
	dpkg-deb -x "$new/package.deb" "$new"
	/sbin/depmod -b "$new" "$release"
	# Renamed last, so that what is there is whole.
	mv "$new/boot/vmlinuz-$release" "$new/vmlinuz"
	mv "$new" "$dir"
}

# kernel_build RELEASE|KDIR [MAKE-ARG...] - build rill.ko from a copy of the
# sources in the cache; prints the module's path.  The compiler's output is
# left in build.log beside it.
kernel_build() {
	local release=$1 headers dir lock status=0

	shift
	headers=$(kernel_headers "$release") ||
		die "no headers of $release (package linux-headers-$release)"
	[[ $release != /* ]] || release=$(headers_release "$headers")
	dir=$rill_cache/build-$release
	lock_fd lock "$dir.lock"
	sources_copy "$dir"
	make -C "$headers" M="$dir" W=1 -j"$(nproc)" "$@" modules \
		>"$dir/build.log" 2>&1 || status=$?
	unlock_fd lock
	if [ "$status" != 0 ]; then
		grep -E 'error|Error|No rule' "$dir/build.log" | head -n 20 >&2 || true
		say "build for $release failed, see $dir/build.log"
		return 1
	fi
	echo "$dir/rill.ko"
}

# sources_copy DIR - bring the copy of the module's sources up to date.  Files
# are compared, not dated: two checkouts can share a cache, and the newer file
# is not always the one to build.
sources_copy() {
	local dir=$1 file

	[ -e "$rill_root/Kbuild" ] || die "no Kbuild in $rill_root"
	mkdir -p "$dir"
	while IFS= read -r file; do
		cmp -s "$rill_root/$file" "$dir/$file" && continue
		mkdir -p "$dir/$(dirname "$file")"
		cp "$rill_root/$file" "$dir/$file"
	done < <(sources_list "$rill_root")
	while IFS= read -r file; do
		[ -e "$rill_root/$file" ] || rm -f "$dir/$file"
	done < <(sources_list "$dir")
}

sources_list() {
	find "$1/Kbuild" "$1/module" "$1/include" "$1/kunit" \
		"$1/scripts/deb/debian/changelog" -type f \
		\( -name '*.[chS]' -o -name Kbuild -o -name changelog \) ! -name '*.mod.c' \
		! -name '.*' 2>/dev/null | sed "s|^$1/||" || true
}
