# SPDX-License-Identifier: GPL-2.0
"""rill kill: end connections."""

import sockdiag
from command import NAMESPACE, Option, Problem, Subcommand
from listing import FAMILY, NO_HEADER, PORTS, WHICH, rows, states
from sub_ss import FILTER, complete, table

OPTIONS = (
    *WHICH,
    PORTS,
    *FAMILY,
    Option("d", "dry-run", "end none, only show which"),
    NO_HEADER,
    NAMESPACE,
)


def run(options: dict[str, str], words: list[str]) -> int:
    """End those that the filter chooses, and show which they were."""
    if not " ".join(words).strip():
        raise Problem("kill which? A filter chooses (see rill kill --help)")
    # What is not asked for stays, whatever is excluded.
    wanted, left = rows(options, words, base=states(options))
    ended = left if "dry-run" in options else []
    # Of listeners that share a port the kernel ends one or another: again, as long as it ends some.
    some = "dry-run" not in options
    while some and left:
        before, left = left, []
        for row in before:
            (ended if sockdiag.destroy(row) else left).append(row)
        some = len(left) < len(before)
    if ended:
        print("\n".join(table(ended, wanted & (wanted - 1) == 0, options)))
    return 0 if ended else 1


COMMAND = Subcommand("[OPTION...] FILTER", """
End the connections that a filter chooses, as ss -K does: the program gets
ECONNABORTED, and the peer a reset. Prints each that it has ended; the exit code
is 1 if that is none. Needs CAP_NET_ADMIN in the namespace.
""", OPTIONS, run, complete, FILTER.replace("rill ss -i state", "rill kill state"))
