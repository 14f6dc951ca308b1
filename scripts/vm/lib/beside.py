# SPDX-License-Identifier: GPL-2.0
"""Cases that do the same on the protocol under test and on the kernel's TCP.

With RILL_TELL in the environment they say what they saw (scripts/vm/run --env).
"""

import contextlib
import itertools
import os
import socket
from collections.abc import Callable, Iterable, Iterator

from net import FAMILIES, IS_TCP, PROTO, TCP, V4, V6, ip, own_namespace, pair, read_exactly, tune
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


def families(title: str) -> Callable[[Callable[[int, int, str], Transcript]], None]:
    """A case beside TCP for each family."""

    def register(play: Callable[[int, int, str], Transcript]) -> None:
        for family_name, family, where in FAMILIES:
            as_tcp(f"{title}, {family_name}")(lambda proto, f=family, h=where: play(proto, f, h))

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


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """A namespace of this case, where nothing is sent again soon."""
    own_namespace(sysfs=True)
    tune("rto_min_us", 5000000)
    tune("tlp", 0)
    yield


def nobody() -> None:
    """A namespace of this case, and a network in which nobody answers."""
    own_namespace()
    ip("link add d0 type dummy", "address add 10.77.0.1/24 dev d0", "address add fd77::1/64 dev d0 nodad",
       "link set d0 up",
       *(f"neighbour add {there}{n} lladdr 02:00:00:00:00:09 dev d0 nud permanent"
         for there in ("10.77.0.", "fd77::") for n in range(9, 30)))


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
