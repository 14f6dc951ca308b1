# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# completion.sh - what bash completes after "rill", loaded by bash-completion.

_rill() {
	local word=${COMP_WORDS[COMP_CWORD]} net=/sys/kernel/rill/net
	local words=

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words='run stat get set --help --version'
	else
		case ${COMP_WORDS[1]}:$COMP_CWORD in
		run:*) _rill_run; return ;;
		get:2 | set:2) words=$(cd "$net" 2>/dev/null && echo *) ;;
		set:3)
			case ${COMP_WORDS[2]} in
			congestion_control)
				words=$(cat "$net/available_congestion_control" 2>/dev/null)
				;;
			esac
			;;
		stat:2) words=$(cut -d ' ' -f 1 /proc/net/rill_stat 2>/dev/null) ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
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
