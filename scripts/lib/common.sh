# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# common.sh - what every script of this project needs: where things are, how to
# speak, how to give up.  Sourced, never run.

# The checkout, and the only directory outside it that scripts write to.
# The physical path, because a guest sees the host's files by it.
rill_root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rill_cache=${RILL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/rill}
export rill_root rill_cache

# Nothing of theirs is left in the checkout.
export PYTHONDONTWRITEBYTECODE=1

# Progress goes to stderr: stdout is for results.
say() {
	printf '%s\n' "$*" >&2
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Wrong usage has its own exit code, so that callers can tell it from a failure.
die_usage() {
	printf '%s: %s (see --help)\n' "${0##*/}" "$*" >&2
	exit 2
}

# The help of a script is the comment at its top, so that it is written once.
usage() {
	sed -n '/^# *SPDX/d; /^# shellcheck/d; /^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0" |
		sed '/./,$!d'
}

# no_arguments "$@" - of a script that takes none but the call for help.
no_arguments() {
	case ${1:-} in
	'') ;;
	-h | --help) usage; exit ;;
	*) die_usage "unknown argument '$1'" ;;
	esac
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# processes_end PID - end what a process has started, the latest first.  What
# runs side by side is not in the terminal's foreground: ^C does not reach it.
# Each is stopped before: it would start its next child when this one ends.
processes_end() {
	local child

	for child in $(pgrep -P "$1"); do
		[ "$child" != "$BASHPID" ] || continue
		kill -STOP "$child" 2>/dev/null || continue
		processes_end "$child"
		kill "$child" 2>/dev/null || true
		kill -CONT "$child" 2>/dev/null || true
	done
}

# limited SECONDS COMMAND... - run it for so long at the most, and no longer than
# the shell that calls this: bash takes nothing along when it is killed.  In a
# pipeline or in the background that shell is one of its own, which nobody ends.
# What the terminal sends to the one it sends to the other.
limited() {
	setpriv --pdeathsig TERM timeout --foreground -k 5 "$@"
}

# output_follow FILE PID - print what a process that this one has started writes
# there, as it comes, until it has ended.
output_follow() {
	local output_fd

	exec {output_fd}<"$1"
	while jobs -rp | grep -qx "$2"; do
		cat <&"$output_fd"
		sleep 0.3
	done
	cat <&"$output_fd"
	exec {output_fd}<&-
}

# Run the rest of the calling function with the lock $1 held until it is
# closed: two test runs may share one cache.
lock_fd() {
	local -n _fd=$1
	mkdir -p "$(dirname "$2")"
	exec {_fd}>"$2"
	flock "$_fd"
}

unlock_fd() {
	local -n _fd=$1
	exec {_fd}>&-
}
