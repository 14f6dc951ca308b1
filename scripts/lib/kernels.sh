# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# kernels.sh - Debian's kernels: which release a series and a flavour stand for
# now, its image, its headers, and rill.ko built for it.  Sourced after
# common.sh and packages.sh.
#
# Images and headers are unpacked below the cache and never installed, so that a
# kernel of another suite is as near as one of this machine's own, and nothing
# here is configured anew because of it.

# shellcheck source=scripts/lib/suites.sh
. "${BASH_SOURCE[0]%/*}/suites.sh"
# shellcheck source=scripts/lib/slots.sh
. "${BASH_SOURCE[0]%/*}/slots.sh"

# What --kernel and KERNEL take: 6.12 is this machine's own, of whichever suite;
# the matrix builds against that of each.
rill_series=(6.1 6.12 6.12-deb12 6.12-deb13 7.2 7.3)
rill_matrix=(6.1 6.12-deb12 6.12-deb13 7.2 7.3)
rill_flavours=(cloud generic rt)
export rill_series rill_matrix rill_flavours

# Architectures beside this machine's, by Debian's name, whose modules are built
# by a cross compiler: what the kernel's Makefile calls it, and the compiler's
# prefix without its last dash.
rill_architectures='
arm64  arm64  aarch64-linux-gnu
s390x  s390   s390x-linux-gnu
'

# architecture_field ARCHITECTURE NUMBER - of its line in rill_architectures.
architecture_field() {
	awk -v name="$1" -v field="$2" '$1 == name { print $field }' \
		<<<"$rill_architectures"
}

# kernel_suffix FLAVOUR [ARCHITECTURE] - the end of the package's and the
# release's name.
kernel_suffix() {
	case $1 in
	generic) echo "${2:-amd64}" ;;
	cloud | rt) echo "$1-${2:-amd64}" ;;
	*) die_usage "unknown flavour '$1' (cloud, generic or rt)" ;;
	esac
}

# release_arch RELEASE - the architecture that it was built for, if it is one of
# rill_architectures; else nothing.
release_arch() {
	local arch=${1##*-}

	[ -z "$(architecture_field "$arch" 1)" ] || echo "$arch"
}

# host_series - the kernel that this machine's suite was released with.
host_series() {
	case $(host_suite) in
	bookworm) echo 6.1 ;;
	*) echo 6.12 ;;
	esac
}

# release_suite RELEASE - the suite that it was built for; a kernel of one's own
# belongs to this machine.
release_suite() {
	case $1 in
	6.1.0-* | *+deb12*) echo bookworm ;;
	*+deb13*) echo trixie ;;
	*) host_suite ;;
	esac
}

# kernel_release SERIES FLAVOUR [ARCHITECTURE] - the release, as uname -r prints
# it.  Once resolved it is remembered, so that later runs need no network;
# RILL_UPDATE=1 asks again.
kernel_release() {
	local series=$1 flavour=$2 arch=${3:-}
	local memo=$rill_cache/kernels/$series-$flavour${arch:+-$arch}
	local release

	case " ${rill_series[*]} " in
	*" $series "*) ;;
	*) die_usage "unknown kernel '$series' (one of: ${rill_series[*]})" ;;
	esac
	[ "$series" != 6.12 ] ||
		memo=$rill_cache/kernels/$series-$(host_suite)-$flavour${arch:+-$arch}
	if [ -z "${RILL_UPDATE:-}" ] && [ -s "$memo" ]; then
		cat "$memo"
		return
	fi
	release=$(kernel_release_resolve "$series" "$flavour" "$arch") || exit
	[ -n "$release" ] || die "no package of a $series $flavour kernel${arch:+ for $arch} in" \
		"$(series_suite "$series") and its backports"
	mkdir -p "$rill_cache/kernels"
	echo "$release" >"$memo"
	echo "$release"
}

# The newest release whose headers and image can both be had; nothing if there
# is none.
kernel_release_resolve() {
	local series=${1%-deb*} suite suffix release names
	local -a candidates

	suite=$(series_suite "$1")${3:+:$3}
	suffix=$(kernel_suffix "$2" "${3:-amd64}") || exit
	names=$(suite_apt "$suite" apt-cache pkgnames "linux-image-$series") || exit
	mapfile -t candidates < <(printf '%s\n' "${names//linux-image-/}" | sort -rV |
		grep -E "^${series//./\\.}\.[0-9][^-]*(-[0-9]+)?-${suffix}\$")
	for release in "${candidates[@]}"; do
		if suite_has "$suite" "linux-headers-$release" &&
			suite_has "$suite" "linux-image-$release"; then
			echo "$release"
			return
		fi
	done
}

# headers_unpacked RELEASE - the directory that they are in, when
# kernel_need has unpacked them.
headers_unpacked() {
	echo "$rill_cache/headers/$1/usr/src/linux-headers-$1"
}

# kernel_headers RELEASE|DIRECTORY - the directory to give to make as KDIR.
kernel_headers() {
	local dir

	for dir in "$1" "$(headers_unpacked "$1")" "/lib/modules/$1/build"; do
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

# headers_are_foreign DIRECTORY - does using them take the root of another
# suite, because they are of its kernels and their programs of its libraries?
headers_are_foreign() {
	[[ $1 = "$rill_cache"/headers/* ]] &&
		[ "$(release_suite "$(headers_release "$1")")" != "$(host_suite)" ]
}

# kernel_need RELEASE... - headers and compiler to build modules for them.
kernel_need() {
	local release

	need_packages "${rill_build_packages[@]}"
	for release in "$@"; do
		headers_need "$release" || exit
	done
}

headers_need() {
	local release=$1 dir lock
	local suite arch

	suite=$(release_suite "$release")
	arch=$(release_arch "$release")
	dir=$rill_cache/headers/$release
	if [ ! -e "$dir/.needs" ]; then
		lock_fd lock "$dir.lock"
		[ -e "$dir/.needs" ] ||
			headers_unpack "$suite${arch:+:$arch}" "$release" "$dir"
		unlock_fd lock
	fi
	# shellcheck disable=SC2046 # names of packages
	if [ "$suite" = "$(host_suite)" ]; then
		need_packages $(<"$dir/.needs")
	else
		suite_need "$suite" "${rill_build_packages[@]}" $(<"$dir/.needs")
	fi
}

# headers_unpack SUITE[:ARCHITECTURE] RELEASE DIRECTORY - the three packages of
# the headers, one upon the other, as they would lie in /.  What else they depend
# on is left in .needs, one name a line.  The programs among them (linux-kbuild)
# are this machine's, and the compiler is one that runs on it.
headers_unpack() {
	local suite=$1 release=$2 dir=$3
	local new=$3.new package file name gnu
	local -a files=()

	gnu=$(architecture_field "${suite#*:}" 3)

	rm -rf "$new" "$dir"
	mkdir -p "$new"
	file=$(suite_download "$suite" "linux-headers-$release" "$new") || exit
	files=("$file")
	for package in $(package_depends "$file" | grep -E '^linux-(headers|kbuild)-'); do
		case $package in
		linux-kbuild-*) file=$(headers_package "${suite%:*}" "$package") ;;
		*) file=$(headers_package "$suite" "$package") ;;
		esac || exit
		files+=("$file")
	done
	for file in "${files[@]}"; do
		dpkg-deb -x "$file" "$new" || die "could not unpack $file"
		package_depends "$file" >>"$new/depends"
	done
	rm "${files[0]}"
	{
		grep -v '^linux-' "$new/depends" | sort -u |
			sed "s/^gcc-[0-9]*\$/&${gnu:+-$gnu}/"
		[ -z "$gnu" ] || echo "gcc-$gnu"
	} >"$new/.needs"
	# The Makefiles name one another by their places in /usr/src.
	for name in "$new"/usr/src/linux-headers-*/Makefile; do
		sed -i "s|\([ =]\)/usr/src/|\1$dir/usr/src/|" "$name"
	done
	mv "$new" "$dir"
}

# headers_package SUITE[:ARCHITECTURE] PACKAGE - the file of a package that all
# flavours of a kernel share; kept for a day.
headers_package() {
	local store=$rill_cache/headers/packages file lock

	mkdir -p "$store"
	lock_fd lock "$store/lock"
	find "$store" -maxdepth 1 -name '*.deb' -mmin +1440 -delete
	file=$(find "$store" -maxdepth 1 -name "$2_*.deb" | head -n 1)
	if [ -z "$file" ]; then
		file=$(suite_download "$1" "$2" "$store") || exit
		touch "$file"
	fi
	unlock_fd lock
	echo "$file"
}

# package_depends FILE - the packages that a package depends on, the first of
# each choice.
package_depends() {
	dpkg-deb -f "$1" Depends | tr ',' '\n' |
		sed 's/[|(].*//; s/:any//; s/[[:space:]]//g; /^$/d'
}

# kernel_fetch RELEASE - vmlinuz, modules and the package itself in the cache;
# prints the directory.
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
	local new=$2.new suite package file arch
	local -a files

	need_packages kmod
	rm -rf "$new" "$dir"
	mkdir -p "$new"
	arch=$(release_arch "$release")
	suite=$(release_suite "$release")${arch:+:$arch}
	file=$(suite_download "$suite" "linux-image-$release" "$new") || exit
	files=("$file")
	# From 7.x on the image and the modules are packages of their own.
	for package in $(package_depends "$file" |
		grep -xF -e "linux-base-$release" -e "linux-binary-$release" \
			-e "linux-modules-$release"); do
		file=$(suite_download "$suite" "$package" "$new") || exit
		files+=("$file")
	done
	for file in "${files[@]}"; do
		dpkg-deb -x "$file" "$new" || die "could not unpack $file"
	done
	# The last is large, and what "make demo" carries.
	mv "${files[-1]}" "$new/package.deb"
	rm -f "${files[@]}"
	# Where /lib is /usr/lib packages say so; depmod and the guest do not.
	[ -e "$new/lib" ] || ln -s usr/lib "$new/lib"
	/sbin/depmod -b "$new" "$release" || die "no modules of $release"
	for file in "$new/boot/vmlinuz-$release" "$new/lib/modules/$release/vmlinuz"; do
		[ ! -e "$file" ] || mv "$file" "$new/vmlinuz"
	done
	[ -s "$new/vmlinuz" ] || die "no image in the packages of $release"
	# Renamed last, so that what is there is whole.
	mv "$new" "$dir"
}

# What a tool of the build says that it should not.
rill_build_words='warning:|error:|: note:'

# kernel_build RELEASE|KDIR [MAKE-ARG...] - build rill.ko from a copy of the
# sources in the cache; prints the module's path.  What the build says is left in
# build.log beside it, or in the file that build_log names.  Only what changed is
# compiled, but nothing is kept of a build that warned: whoever builds next hears
# it again.
kernel_build() {
	local release=$1 headers dir lock arch log status=0 slot_fd
	local -a inside=()

	shift
	headers=$(kernel_headers "$release") ||
		die "no headers of $release (package linux-headers-$release)"
	[[ $release != /* ]] || release=$(headers_release "$headers")
	! headers_are_foreign "$headers" ||
		inside=(suite_run "$(release_suite "$release")")
	arch=$(release_arch "$release")
	[ -z "$arch" ] || set -- "ARCH=$(architecture_field "$arch" 2)" \
		"CROSS_COMPILE=$(architecture_field "$arch" 3)-" "$@"
	dir=$rill_cache/build-$release
	slot_take
	lock_fd lock "$dir.lock"
	[ ! -e "$dir/warned" ] || rm -rf "$dir"
	sources_copy "$dir"
	log=${build_log:-$dir/build.log}
	"${inside[@]}" make -C "$headers" M="$dir" W=1 -j"$(slot_jobs)" \
		"$@" modules >"$dir/build.new" 2>&1 || status=$?
	# sparse says more than that, of the kernel's headers too.
	if [[ " $* " = *' KBUILD_CHECKSRC='* ]]; then
		grep -E 'warning:.*\[-W' "$dir/build.new"
	else
		grep -iE "$rill_build_words" "$dir/build.new"
	fi >"$dir/warned" || rm -f "$dir/warned"
	mv "$dir/build.new" "$log"
	unlock_fd lock
	slot_give
	if [ "$status" != 0 ]; then
		grep -E 'error|Error|No rule' "$log" | head -n 20 >&2 || true
		say "build for $release failed, see $log"
		return 1
	fi
	echo "$dir/rill.ko"
}

# kernel_build_clean RELEASE - as kernel_build, and no tool of the build has
# anything to say; prints what one said.
kernel_build_clean() {
	kernel_build "$1" >/dev/null || return
	! cat "$rill_cache/build-$1/warned" 2>/dev/null
}

# modules_unpack KERNEL-DIR RELEASE DIRECTORY NAME... - modules of a kernel, with
# those that they take, and their order in the file "order".
modules_unpack() {
	local kernel=$1 release=$2 out=$3 kind file name

	shift 3
	while read -r kind file _; do
		[ "$kind" = insmod ] || continue
		name=$(basename "${file%.xz}")
		case $file in
		*.xz) xz -dc "$file" >"$out/$name" ;;
		*) cp "$file" "$out/$name" ;;
		esac
		grep -qx "$name" "$out/order" 2>/dev/null ||
			echo "$name" >>"$out/order"
	done < <(for name in "$@"; do
		/sbin/modprobe -d "$kernel" -S "$release" --show-depends "$name"
	done)
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
