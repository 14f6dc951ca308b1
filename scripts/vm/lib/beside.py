# SPDX-License-Identifier: GPL-2.0
"""Cases that do the same on the protocol under test and on the kernel's TCP."""

import itertools
from collections.abc import Callable

from net import PROTO, TCP
from tap import add, same

Transcript = list[object]
Play = Callable[[int], Transcript]


def as_tcp(name: str, limit: float = 20.0) -> Callable[[Play], Play]:
    """A case that must give the same transcript on both protocols."""

    def register(play: Play) -> Play:
        def compare() -> None:
            wanted, got = play(TCP), play(PROTO)
            for step, (want, have) in enumerate(itertools.zip_longest(wanted, got)):
                same(have, want, f"step {step}")

        add(f"as TCP: {name}", compare, limit)
        return play

    return register
