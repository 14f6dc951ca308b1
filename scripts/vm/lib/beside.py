# SPDX-License-Identifier: GPL-2.0
"""Cases that do the same on the protocol under test and on the kernel's TCP.

With RILL_TELL in the environment they say what they saw (scripts/vm/run --env).
"""

import itertools
import os
from collections.abc import Callable

from net import PROTO, TCP
from tap import add, note, same

Transcript = list[object]
Play = Callable[[int], Transcript]


def as_tcp(name: str, limit: float = 20.0) -> Callable[[Play], Play]:
    """A case that must give the same transcript on both protocols."""

    def register(play: Play) -> Play:
        def compare() -> None:
            wanted, got = play(TCP), play(PROTO)
            if "RILL_TELL" in os.environ:
                note(f"TCP: {wanted}")
            for step, (want, have) in enumerate(itertools.zip_longest(wanted, got)):
                same(have, want, f"step {step}")

        add(f"as TCP: {name}", compare, limit)
        return play

    return register
