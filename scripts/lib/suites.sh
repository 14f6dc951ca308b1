# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# suites.sh - packages of any Debian suite and architecture, whatever this
# machine runs.  Sourced after common.sh and packages.sh.
#
# Another suite's packages come through apt directories of their own below the
# cache, so that the machine's sources stay as they are, and are unpacked, never
# installed.  What needs that suite's programs (its compiler for its kernels'
# modules) runs in a minimal root file system of that suite, below the cache.

# The suites that rill knows, by the name that apt takes.
rill_suites=(bookworm trixie)
export rill_suites

# host_suite - this machine's, by name; of a suite that rill does not know, the
# newest one that it does.
host_suite() {
	local codename

	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	case " ${rill_suites[*]} " in
	*" $codename "*) echo "$codename" ;;
	*) echo "${rill_suites[-1]}" ;;
	esac
}

host_arch() {
	dpkg --print-architecture
}

# series_suite SERIES - the suite whose packages it is taken from.
series_suite() {
	case $1 in
	6.1 | 6.12-deb12) echo bookworm ;;
	6.12) host_suite ;;
	*) echo trixie ;;
	esac
}

# suite_mirror PATTERN - where this machine's own sources take the suites whose
# name matches from; nothing if they have none.
suite_mirror() {
	# shellcheck disable=SC2016 # apt expands them
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
		'Created-By: Packages' 2>/dev/null |
		awk -v pattern="$1" '$2 ~ pattern { print $1; exit }'
}

# suite_sources SUITE - the lines of its sources.list: the suite and its
# backports; updates and security where this machine's sources have theirs.
suite_sources() {
	local host main security
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg

	host=$(host_suite)
	main=$(suite_mirror "^($host|stable|oldstable)\$")
	if [ -z "$main" ]; then
		# A machine that was just installed may have no lists, and apt names
		# only what it has.
		apt_lists_refresh
		main=$(suite_mirror "^($host|stable|oldstable)\$")
	fi
	[ -n "$main" ] || die "no Debian suite '$host' in the apt sources"
	security=$(suite_mirror '(^|-)security')
	printf "deb [signed-by=$keys] $main %s main\n" "$1" "$1-backports"
	[ -z "$(suite_mirror '-updates$')" ] ||
		echo "deb [signed-by=$keys] $main $1-updates main"
	[ -z "$security" ] ||
		echo "deb [signed-by=$keys] $security $1-security main"
}

# suite_apt SUITE[:ARCHITECTURE] TOOL ARG... - run apt-get or apt-cache on the
# packages of a suite.  The lists are fetched when there are none, and once more
# by each run with RILL_UPDATE=1.
suite_apt() {
	local name=$1 tool=$2
	local suite=${1%%:*} arch=${1#*:} dir lock

	shift 2
	[[ $name = *:* ]] || arch=$(host_arch)
	case " ${rill_suites[*]} " in
	*" $suite "*) ;;
	*) die_usage "unknown suite '$suite' (one of: ${rill_suites[*]})" ;;
	esac
	dir=$rill_cache/apt/$suite-$arch
	if [ ! -e "$dir/complete" ] || suite_lists_old "$suite-$arch"; then
		lock_fd lock "$dir.lock"
		if [ ! -e "$dir/complete" ] || suite_lists_old "$suite-$arch"; then
			suite_lists_fetch "$suite" "$arch" "$dir"
		fi
		unlock_fd lock
	fi
	suite_apt_in "$dir" "$arch" "$tool" "$@"
}

# suite_lists_old NAME - was it asked to refresh, and not done in this run yet?
suite_lists_old() {
	[ -n "${RILL_UPDATE:-}" ] &&
		[[ " ${RILL_APT_SUITES:-} " != *" $1 "* ]]
}

suite_lists_fetch() {
	local suite=$1 arch=$2 dir=$3

	say "packages: fetching the lists of $suite $arch"
	mkdir -p "$dir"/{lists/partial,archives/partial}
	# dpkg's own state is nothing to go by: another suite's packages are not
	# installed here.
	: >"$dir/status"
	# Others may be reading the one that is there.
	suite_sources "$suite" >"$dir/sources.list.new" || exit
	mv "$dir/sources.list.new" "$dir/sources.list"
	suite_lists_update "$dir" "$arch" || suite_lists_update "$dir" "$arch" ||
		die "could not fetch the package lists of $suite"
	touch "$dir/complete"
	export RILL_APT_SUITES="${RILL_APT_SUITES:-} $suite-$arch"
}

# Lists of which a part is missing would be taken for whole ones.
suite_lists_update() {
	suite_apt_in "$1" "$2" apt-get -qq -o APT::Update::Error-Mode=any update >&2
}

suite_apt_in() {
	local dir=$1 arch=$2 tool=$3

	shift 3
	LC_ALL=C "$tool" -o Dir::Etc::sourcelist="$dir/sources.list" \
		-o Dir::Etc::sourceparts=/nonexistent \
		-o Dir::State::Lists="$dir/lists" -o Dir::State::status="$dir/status" \
		-o Dir::Cache="$dir" -o Dir::Cache::archives="$dir/archives" \
		-o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o APT::Sandbox::User=root "$@"
}

# suite_has SUITE[:ARCHITECTURE] PACKAGE - can it be had?
suite_has() {
	[ -n "$(suite_version "$@")" ]
}

# suite_version SUITE[:ARCHITECTURE] PACKAGE - the version that would be taken.
suite_version() {
	suite_apt "$1" apt-cache policy "$2" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# suite_download SUITE[:ARCHITECTURE] PACKAGE DIRECTORY - the package's file;
# prints its path.
suite_download() {
	local suite=$1 package=$2 dir=$3 new

	mkdir -p "$dir"
	new=$(mktemp -d "$dir/download.XXXXXX")
	say "packages: downloading $package of ${suite%%:*}"
	(cd "$new" && suite_apt "$suite" apt-get -qq download "$package" >&2) || {
		# Lists that name a file which the mirror has no more.
		(cd "$new" && RILL_UPDATE=1 suite_apt "$suite" apt-get -qq download \
			"$package" >&2)
	} || die "could not download $package of ${suite%%:*}"
	mv "$new"/*.deb "$dir/"
	rmdir "$new"
	find "$dir" -maxdepth 1 -name "${package}_*.deb" -printf '%T@ %p\n' |
		sort -n | sed -n '$ s/^[^ ]* //p'
}

# suite_bootstrap SUITE TARGET ARG... - make a root file system of it.
suite_bootstrap() {
	local suite=$1 target=$2

	shift 2
	need_packages mmdebstrap
	say "packages: making a root file system of $suite (two minutes)"
	suite_sources "$suite" >"$target.list"
	# What it mounts there goes with its namespace, whatever happens.
	as_root unshare --mount --propagation private \
		mmdebstrap --quiet --mode=root "$@" \
		"$suite" "$target" "$target.list" >&2 ||
		die "could not make a root file system of $suite"
}

# suite_root SUITE - a minimal root file system of it, made once and kept;
# prints its path.
suite_root() {
	local suite=$1 lock
	local root=$rill_cache/root-$1

	if [ -e "$root/.complete" ]; then
		echo "$root"
		return
	fi
	lock_fd lock "$root.lock"
	if [ ! -e "$root/.complete" ]; then
		as_root rm -rf "$root"
		suite_bootstrap "$suite" "$root" --variant=apt \
			--include=ca-certificates,gcc,make,libc6-dev
		as_root touch "$root/.complete"
	fi
	unlock_fd lock
	echo "$root"
}

# suite_need SUITE PACKAGE... - install what its root lacks of them.
suite_need() {
	local suite=$1 root package lock
	local -a missing=()

	shift
	root=$(suite_root "$suite") || exit
	# One at a time: another may be installing the same.
	lock_fd lock "$root.lock"
	for package in "$@"; do
		[ "$(dpkg-query --admindir="$root/var/lib/dpkg" -W \
			-f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
			missing+=("$package")
	done
	if [ ${#missing[@]} = 0 ]; then
		unlock_fd lock
		return
	fi
	say "packages: installing ${missing[*]} in the root of $suite"
	suite_run "$suite" sh -c 'apt-get -qq update && exec env \
		DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		--no-install-recommends -o Dpkg::Use-Pty=0 install "$@"' sh \
		"${missing[@]}" >&2 || die "could not install: ${missing[*]} ($suite)"
	unlock_fd lock
}

# suite_run SUITE COMMAND... - run it in the root of a suite.
suite_run() {
	local root

	root=$(suite_root "$1") || exit
	shift
	root_run "$root" "$@"
}

# root_run ROOT COMMAND... - run it there, where the cache and the checkout are
# at their own places.  What is mounted for that is seen by the command alone,
# and is gone with it.
root_run() {
	local root=$1

	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	as_root unshare --mount --propagation private sh -c '
		root=$1
		shift
		mount -t proc proc "$root/proc" &&
		mount --bind /dev "$root/dev" || exit
		while [ "$1" != -- ]; do
			mkdir -p "$root$1" && mount --bind "$1" "$root$1" || exit
			shift
		done
		shift
		cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
			${http_proxy:+"http_proxy=$http_proxy"} \
			${https_proxy:+"https_proxy=$https_proxy"} \
			chroot "$root" "$@"' \
		sh "$root" "$rill_cache" "$rill_root" -- "$@"
}
