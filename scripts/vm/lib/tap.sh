# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# tap.sh - test cases in bash for the guest suites: functions named
# test_<what>, each run in a subshell under set -e, reported in TAP.  Source it
# first, define the cases, end with tap_main.

set -uo pipefail

# fail WHY... - end the case.
fail() {
	printf '%s\n' "$*"
	exit 1
}

# same GOT WANT WHAT
same() {
	[ "$1" = "$2" ] || fail "$3: got '$1', expected '$2'"
}

tap_main() {
	local name log number=0 bad=0 start
	local -a names

	mapfile -t names < <(declare -F | sed -n 's/^declare -f test_//p')
	if [ -n "${RILL_CASE:-}" ]; then
		mapfile -t names < <(printf '%s\n' "${names[@]}" | grep -E "$RILL_CASE")
	fi
	echo "1..${#names[@]}"
	log=$(mktemp)
	for name in "${names[@]}"; do
		number=$((number + 1))
		start=$EPOCHREALTIME
		# In an if, set -e would do nothing.
		(
			set -e
			"test_$name"
		) >"$log" 2>&1 </dev/null
		# shellcheck disable=SC2181
		if [ $? = 0 ]; then
			printf 'ok %d - %s' "$number" "${name//_/ }"
			printf ' # %d ms\n' $(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
			sed -n 's/^NOTE: /# /p' "$log"
		else
			printf 'not ok %d - %s\n' "$number" "${name//_/ }"
			tail -n 30 "$log" | sed 's/^/# /'
			bad=$((bad + 1))
		fi
	done
	[ "$bad" = 0 ]
}
