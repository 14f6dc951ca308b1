# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# slots.sh - no more heavy commands at once than the machine has processors,
# whichever scripts they come from.  Sourced after common.sh.
#
# scripts/test/all runs its parts side by side and names a directory of locks,
# one for each processor, in RILL_SLOTS; where nobody does, a command runs at
# once, and has all processors.  A slot is taken last: whoever has one waits for
# no lock, or all of them could come to wait for each other.

# slots_open - share this machine's processors among what is started from here.
slots_open() {
	RILL_SLOTS=$(mktemp -d)
	export RILL_SLOTS
}

# slot_jobs - how many jobs a make may run in a slot.
slot_jobs() {
	if [ -n "${RILL_SLOTS:-}" ]; then
		echo 1
	else
		nproc
	fi
}

# slot COMMAND... - run it in a slot, as soon as one is free.
slot() {
	local slot_fd status=0

	slot_take
	RILL_SLOTS='' "$@" || status=$?
	[ -z "$slot_fd" ] || exec {slot_fd}>&-
	return "$status"
}

# slot_take - wait for a slot, and set slot_fd, which holds it until it is closed
# by this process and all that it has started.
slot_take() {
	local number count

	slot_fd=''
	count=$(nproc)
	while [ -n "${RILL_SLOTS:-}" ]; do
		for ((number = 0; number < count; number++)); do
			exec {slot_fd}>"$RILL_SLOTS/$number"
			! flock -n "$slot_fd" || return 0
			exec {slot_fd}>&-
		done
		sleep 0.3
	done
}
