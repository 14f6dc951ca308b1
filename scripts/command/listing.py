# SPDX-License-Identifier: GPL-2.0
"""Rows as people read them: addresses, services, states, processes."""

import itertools
import operator
import os
import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import sockdiag
from command import Option, Problem
from filter import ALL, CGROUPS, STATES, Filter
from tables import read

CONNECTED = ALL & ~(STATES["listening"] | STATES["closed"] | STATES["time-wait"] | STATES["syn-recv"])
TIMERS = ("off", "on", "keepalive", "timewait", "persist", "unknown")
_ANY6 = bytes(16)

# What several take, which families(), states() and Names are asked by.
FAMILY = (
    Option("4", "ipv4", "IPv4 only"),
    Option("6", "ipv6", "IPv6 only"),
    Option("f", "family", "IPv4 or IPv6 only", "inet|inet6"),
)
WHICH = (
    Option("a", "all", "in each state, also listeners, half-open ones and TIME_WAIT"),
    Option("l", "listening", "listeners"),
)
PORTS = Option("n", "numeric", "ports as numbers")
NO_HEADER = Option("H", "no-header", "without the first line")


class Cache(dict):  # type: ignore[type-arg]
    """Names that are looked up once."""

    def __init__(self, look: Callable, known: Mapping = {}) -> None:
        super().__init__(known)
        self._look = look

    def __missing__(self, key: object) -> str:
        found = self[key] = self._look(key)
        return found


class Names:
    """How addresses, ports and interfaces are shown."""

    def __init__(self, numeric: bool) -> None:
        self._ports = {**({} if numeric else services()), 0: "*"}
        self._addresses = {
            socket.AF_INET: Cache(lambda raw: socket.inet_ntop(socket.AF_INET, raw[:4])),
            socket.AF_INET6: Cache(lambda raw: f"[{socket.inet_ntop(socket.AF_INET6, raw)}]", {_ANY6: "*"}),
        }
        self.devices = Cache(device, {0: ""})
        self._cgroups: dict[int, str] = {}

    def address(self, row: sockdiag.Row, raw: bytes) -> str:
        """One of its addresses; any of both families is a star."""
        if raw == _ANY6 and row.family == socket.AF_INET6 and row.attributes().get(sockdiag.V6ONLY, b"\0")[:1] == b"\1":
            return "[::]"
        return self._addresses[socket.AddressFamily(row.family)][raw]

    def _side(self, addresses: Iterable[str], ports: Iterable[int]) -> list[str]:
        """Addresses with their ports, by name if they have one."""
        name = self._ports.get
        return [f"{address}:{name(number, number)}" for address, number in zip(addresses, map(socket.ntohs, ports))]

    def ends(self, found: list[sockdiag.Row]) -> tuple[list[str], list[str]]:
        """All local and all remote ones: what takes longest where there are thousands."""
        near: list[str] = []
        far: list[str] = []
        for family, group in itertools.groupby(found, operator.itemgetter(0)):
            some = list(group)
            sport, dport, source, target, number = zip(*map(operator.itemgetter(4, 5, 6, 7, 8), some))
            addresses = self._addresses[socket.AddressFamily(family)].__getitem__
            sources, targets = list(map(addresses, source)), list(map(addresses, target))
            if family == socket.AF_INET6 and _ANY6 in target:
                # Who has any address has no peer.
                for at in (at for at, raw in enumerate(target) if raw == _ANY6):
                    sources[at], targets[at] = (self.address(some[at], raw) for raw in (source[at], target[at]))
            if any(number):
                sources = list(map(operator.add, sources, map(self.devices.__getitem__, number)))
            near += self._side(sources, sport)
            far += self._side(targets, dport)
        return near, far

    def cgroup(self, number: int) -> str:
        """The path of a cgroup."""
        self._cgroups = self._cgroups or cgroups()
        return escaped(self._cgroups.get(number, "")) or f"unreachable:{number:x}"


def device(number: int) -> str:
    """An interface, as it stands behind an address."""
    try:
        return f"%{escaped(socket.if_indextoname(number))}"
    except OSError:
        return f"%if{number}"


def cgroups() -> dict[int, str]:
    """The paths of the cgroups, by their numbers."""
    found = {}
    for path, _, _ in os.walk(CGROUPS):
        try:
            found[os.stat(path).st_ino] = path[len(CGROUPS):] or "/"
        except OSError:
            continue
    return found


def services() -> dict[int, str]:
    """The names of TCP's ports, which are rill's, but for those that the kernel gives to anybody."""
    found: dict[int, str] = {}
    try:
        least, most = map(int, read("/proc/sys/net/ipv4/ip_local_port_range").split())
        with open("/etc/services") as file:
            for line in file:
                words = line.partition("#")[0].split()
                if len(words) > 1 and words[1].endswith("/tcp"):
                    number = int(words[1][:-4])
                    if not least <= number <= most:
                        found.setdefault(number, words[0])
    except (OSError, ValueError):
        pass
    return found


def owners() -> dict[int, list[tuple[str, int, int]]]:
    """By inode, who has it open: name, process, descriptor; of the processes that one may look into."""
    found = defaultdict(list)
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        name = ""
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            # It has ended, or is another user's.
            continue
        for fd in descriptors:
            try:
                target = os.readlink(f"/proc/{pid}/fd/{fd}")
                if not target.startswith("socket:["):
                    continue
                if not name:
                    # A process may give itself any name.
                    with open(f"/proc/{pid}/stat", errors="surrogateescape") as file:
                        stat = file.read()
                    name = stat[stat.index("(") + 1:stat.rindex(")")]
            except OSError:
                continue
            found[int(target[8:-1])].append((name, int(pid), int(fd)))
    return found


def escaped(name: str) -> str:
    """A name that somebody else gave, without what a terminal would obey."""
    return "".join(c if c.isprintable() and c not in "\"\\" else f"\\x{ord(c):02x}" for c in name)


def users(of: Iterable[tuple[str, int, int]]) -> str:
    """As ss shows them."""
    each = ",".join(f'("{escaped(name)}",pid={pid},fd={fd})' for name, pid, fd in of)
    return f"users:({each})" if each else ""


def families(options: dict[str, str]) -> list[int]:
    """The families asked for."""
    wanted = options.get("family", "")
    if wanted not in ("", "inet", "inet6"):
        raise Problem(f"'{wanted}' is no family: inet or inet6")
    v4 = "ipv4" in options or wanted == "inet"
    v6 = "ipv6" in options or wanted == "inet6"
    return [family for family, chosen in ((socket.AF_INET, v4 or not v6), (socket.AF_INET6, v6 or not v4)) if chosen]


def states(options: dict[str, str]) -> int:
    """The states that are asked for by -a and -l, or by neither."""
    if "all" in options:
        return ALL
    return STATES["listening"] | STATES["closed"] if "listening" in options else CONNECTED


def rows(options: dict[str, str], words: list[str], attributes: tuple[int, ...] = (),
         base: int = ALL) -> tuple[int, list[sockdiag.Row]]:
    """The states asked for, and the connections; from base a filter excludes that names no states."""
    chosen = Filter(words)
    code = chosen.code()
    wanted = chosen.states(base) if chosen.named else states(options)
    found: list[sockdiag.Row] = []
    if wanted:
        for family in families(options):
            found += sockdiag.rows(family, wanted, code, attributes)
    return wanted, found


def coloured(text: str, code: str) -> str:
    """In a colour, on a terminal."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\033[{code}m{text}\033[0m"
