# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# completion.sh - what bash completes after "rill", loaded by bash-completion.

# The command itself says what, from the tables that its help is made of.
_rill() {
	COMPREPLY=()
	if [ "$COMP_CWORD" -gt 1 ] && [ "${COMP_WORDS[1]}" = run ]; then
		_rill_run
		return
	fi
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" --complete \
		"${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

# The program and its arguments, as if they stood there alone.
_rill_run() {
	local at=2

	while [[ $at -lt $COMP_CWORD && ${COMP_WORDS[at]} = -* ]]; do
		at=$((at + 1))
	done
	if [[ ${COMP_WORDS[COMP_CWORD]} = -* && $at = "$COMP_CWORD" ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--verbose' -- "${COMP_WORDS[COMP_CWORD]}")
	elif declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$at"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$at"
	fi
}

complete -F _rill rill
