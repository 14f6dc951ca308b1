# SPDX-License-Identifier: GPL-2.0
"""Cases that do the same on the protocol under test and on the kernel's TCP.

With RILL_TELL in the environment they say what they saw (scripts/vm/run --env).
"""

import itertools
import os
import socket
from collections.abc import Callable, Iterable

from net import IS_TCP, PROTO, TCP, V4, V6, pair, read_exactly
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


def each(table: Iterable[tuple[str, Callable[[int, int], None]]]) -> None:
    """Cases that ask something of a family and a protocol: of both families, of rill and of TCP."""
    for family_name, family in (("IPv4", V4), ("IPv6", V6)):
        for proto_name, proto in (("rill", PROTO), ("as TCP", TCP)):
            if IS_TCP and proto != TCP:
                continue
            for title, body in table:
                add(f"{title}, {family_name}, {proto_name}",
                    lambda body=body, family=family, proto=proto: body(family, proto))  # type: ignore[misc]


def talks(family: int, host: str) -> None:
    """A whole life: listen, connect, accept, data both ways, close."""
    calling, accepted = pair(family, host)
    for one, other in ((calling, accepted), (accepted, calling)):
        one.sendall(b"some text")
        same(read_exactly(other, 9), b"some text")
    calling.close()
    same(accepted.recv(1), b"")
    accepted.close()


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
