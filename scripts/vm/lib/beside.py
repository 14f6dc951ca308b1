# SPDX-License-Identifier: GPL-2.0
"""Cases that do the same on the protocol under test and on the kernel's TCP.

With RILL_TELL in the environment they say what they saw (scripts/vm/run --env).
"""

import itertools
import os
import socket
from collections.abc import Callable

from net import PROTO, TCP, pair
from tap import add, note, same, until

SO_TIMESTAMP = 29
Transcript = list[object]
Play = Callable[[int], Transcript]


def as_tcp(name: str, limit: float = 60.0) -> Callable[[Play], Play]:
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


_stamped: list[socket.socket] = []


def stamping() -> None:
    """Let the kernel stamp what arrives for the rest of a case: it begins some time after it is asked to."""
    if _stamped:
        return
    _stamped.extend(pair(proto=TCP))
    calling, accepted = _stamped
    accepted.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)

    def begun() -> bool:
        calling.send(b"x")
        return bool(accepted.recvmsg(1, 64)[1])

    until(begun, "the kernel stamps")
