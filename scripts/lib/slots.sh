# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# slots.sh - no more heavy commands at once than the machine has processors (guests
# alone: one more), and than fit in memory, whichever scripts they come from.
# Sourced after common.sh.
#
# scripts/test/all runs its parts side by side and names a directory of locks,
# one for each slot, in RILL_SLOTS; where nobody does, a command runs at once, and
# has all processors.  Whoever has a slot waits for nobody who may be waiting for
# one: it comes before the lock of what is built.

# slots_open - share this machine's processors among what is started from here,
# and its memory: a guest takes up to two GiB.
slots_open() {
	local number count memory

	count=$(nproc)
	memory=$(slots_fit)
	[ "$count" -le "$memory" ] || count=$memory
	[ "$count" -ge 1 ] || count=1
	RILL_SLOTS=$(mktemp -d)
	: >"$RILL_SLOTS/.line"
	for ((number = 0; number < count && number < 64; number++)); do
		: >"$RILL_SLOTS/$number"
	done
	export RILL_SLOTS
}

# slots_fit - how many guests fit in the memory that is free now.
slots_fit() {
	awk '$1 == "MemAvailable:" { print int($2 / 2 ^ 21) }' /proc/meminfo
}

# slots_add - one more, if as many guests as there are slots then fit once more
# beside those that may not have taken their memory yet.
slots_add() {
	local count

	count=$(slots_count)
	[ "$count" -ge "$(slots_fit)" ] || : >"$RILL_SLOTS/$count"
}

# slots_close - whoever waits for one ends with an error.
slots_close() {
	rm -rf "$RILL_SLOTS"
}

# slots_count - how many there are.
slots_count() {
	find "$RILL_SLOTS" -type f -name '[0-9]*' | wc -l
}

# slot_jobs - how many jobs a make may run in a slot.
slot_jobs() {
	if [ -n "${RILL_SLOTS:-}${RILL_SLOT_KEPT:-}" ]; then
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
	slot_give
	return "$status"
}

# slot_take - wait for a slot, and set slot_fd, which holds it until it is closed
# by this process and all that it has started.  One waits for a slot and the others
# behind it, so that nobody who comes again and again is before them.  What has
# RILL_SLOT_FIRST does not stand in that line.
slot_take() {
	local line=''

	slot_fd=''
	[ -n "${RILL_SLOTS:-}" ] || return 0
	if [ -z "${RILL_SLOT_FIRST:-}" ]; then
		exec {line}<"$RILL_SLOTS/.line" || exit
		flock "$line"
	fi
	until slot_try; do
		[ -e "$RILL_SLOTS/.line" ] ||
			die "the slots are gone: who shared them has ended"
		sleep "${RILL_SLOT_FIRST:+0.}1"
	done
	[ -z "$line" ] || exec {line}<&-
}

# slot_keep - take a slot for all that follows, until slot_give: of a chain of
# commands that is as long as the whole test, each would wait for another guest.
slot_keep() {
	slot_take
	[ -z "$slot_fd" ] || export RILL_SLOT_KEPT=$RILL_SLOTS RILL_SLOTS=''
}

# slot_try - take a slot if one is free.
slot_try() {
	local file

	for file in "$RILL_SLOTS"/*; do
		exec {slot_fd}<"$file" || exit
		! flock -n "$slot_fd" || return 0
		exec {slot_fd}<&-
	done
	return 1
}

# slot_give - the slot of this process, if it has one, is another's.  A process
# that may outlive what it was started for calls this first.
slot_give() {
	[ -n "${slot_fd:-}" ] || return 0
	exec {slot_fd}<&-
	slot_fd=''
	[ -z "${RILL_SLOT_KEPT:-}" ] || export RILL_SLOTS=$RILL_SLOT_KEPT
	unset RILL_SLOT_KEPT
}
