# SPDX-License-Identifier: GPL-2.0
"""The module's tables of counters and tunables, from its header, and their files."""

import functools
import os
from collections import namedtuple
from collections.abc import Iterator

from command import HERE, Problem

TUNABLES = "/sys/kernel/rill/net"
COUNTERS = "/proc/net/rill_stat"
# Beside this when it is installed.
HEADERS = (os.path.join(HERE, "tunables.h"), os.path.join(HERE, "../../module/control/tunables.h"))


class Counter(namedtuple("Counter", "name text gauge")):
    """A counter, or a gauge."""

    __slots__ = ()


class Tunable(namedtuple("Tunable", "name default limits when text")):
    """A tunable."""

    __slots__ = ()


@functools.cache
def header() -> str:
    """The text of the module's header."""
    path = next(filter(os.path.exists, HEADERS), None)
    if not path:
        raise Problem(f"no {HEADERS[0]}; install the command again")
    return read(path)


def entries(macro: str) -> Iterator[list[str]]:
    """The arguments of each X() of a table."""
    import re

    found = re.search(rf"#define {macro}\(X\)((?:.*\\\n)*.*)", header())
    table = (found.group(1) if found else "").replace("\\\n", " ")
    # A text may have parentheses in it, and be in several pieces.
    for body in re.findall(r"\bX\(((?:\"[^\"]*\"|[^()\"])*)\)", table):
        fields = re.findall(r"\s*((?:\"[^\"]*\"\s*)+|[^,]+)\s*(?:,|$)", body)
        yield [re.sub(r"\"\s*\"", "", field.strip()).strip('"') for field in fields]


def counters() -> dict[str, Counter]:
    """All that there are, by name."""
    found = [Counter(f[0], f[1], False) for macro in ("RILL_COUNTERS", "RILL_DROPS") for f in entries(macro)]
    found += [Counter(f[0], f[2], True) for f in entries("RILL_GAUGES")]
    return {one.name: one for one in found}


def tunables() -> dict[str, Tunable]:
    """All that there are, by name."""
    found = [Tunable(f[0], f[1], f"{f[2]}-{f[3]}", *f[4:6]) for f in entries("RILL_TUNABLES")]
    found += [Tunable(f[0], " ".join(f[1:4]), "three numbers", *f[4:6]) for f in entries("RILL_TUNABLE_TRIPLES")]
    names = {f[0]: f[1] for f in entries("RILL_CONGESTION_CONTROLS")}
    found += [Tunable(f[0], names[f[1]], " ".join(names.values()), *f[2:4]) for f in entries("RILL_TUNABLE_NAMES")]
    return {one.name: one for one in found}


def loaded(path: str) -> str:
    """A path of the module's, if that is loaded."""
    if not os.path.exists(path):
        raise Problem("rill.ko is not loaded (modprobe rill)")
    return path


def read(path: str) -> str:
    """A file, without the blanks around it."""
    with open(path) as file:
        return file.read().strip()


def values() -> dict[str, int]:
    """The counters of this namespace."""
    with open(loaded(COUNTERS)) as file:
        return {name: int(value) for name, value in map(str.split, file)}
