# SPDX-License-Identifier: GPL-2.0
"""rill set: change a tunable, and keep it."""

import contextlib
import errno
import fcntl
import os

from command import NAMESPACE, Option, Problem, Subcommand
from sub_get import path
from tables import TUNABLES, entries, loaded, tunables

SAVED = "/etc/tmpfiles.d/rill-tunables.conf"
HEAD = "# Written by \"rill set --save\": tunables of rill, from the next boot on."
OPTIONS = (
    Option("", "save", "also after a reboot, by a snippet of tmpfiles.d(5)"),
    Option("", "default", "to its default; with --save forget what was saved"),
    Option("", "all", "with --default: all of them"),
    NAMESPACE._replace(short="n"),
)
WHY = {errno.EINVAL: "not a value: '{}'", errno.ERANGE: "out of range: '{}'", errno.EACCES: "permission denied",
       errno.EPERM: "permission denied"}


def write(name: str, value: str) -> None:
    """As a whole, by one write, or not at all."""
    try:
        with open(path(name), "wb", buffering=0) as file:
            file.write(os.fsencode(f"{value}\n"))
    except OSError as error:
        why = WHY.get(error.errno or 0, os.strerror(error.errno or 0)).format(value)
        raise Problem(f"{name}: {why}") from None


def save(wanted: dict[str, str | None]) -> None:
    """Put them into the snippet in the place of what it had; None is to be forgotten."""
    directory = os.path.dirname(SAVED)
    os.makedirs(directory, exist_ok=True)
    lock = os.open(directory, os.O_RDONLY)
    try:
        # One after the other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines: list[str] = []
        if os.path.exists(SAVED):
            # What somebody else has written stays, whatever it is.
            with open(SAVED, errors="surrogateescape") as file:
                lines = file.read().splitlines()
        ours = {f"{TUNABLES}/{name}" for name in wanted}
        lines = [line for line in lines if line != HEAD and (line.split() + ["", ""])[1] not in ours]
        lines += [f"w {TUNABLES}/{name} - - - - {value}" for name, value in wanted.items() if value is not None]
        if lines:
            replace("".join(f"{line}\n" for line in (HEAD, *lines)))
        elif os.path.exists(SAVED):
            os.unlink(SAVED)
    finally:
        os.close(lock)


def replace(text: str) -> None:
    """Whoever reads the snippet meanwhile, or after a crash, reads this or what was there."""
    new = f"{SAVED}.new"
    try:
        with open(new, "w", errors="surrogateescape") as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o644)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, SAVED)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise


def values(options: dict[str, str], words: list[str]) -> dict[str, str]:
    """What each is to be."""
    if "default" not in options:
        if "all" in options:
            raise Problem("--all goes with --default (see rill set --help)")
        if len(words) < 2:
            raise Problem("set what to what? (rill set NAME VALUE)")
        return {words[0]: " ".join(words[1:])}
    told = tunables()
    if "all" in options:
        return {name: about.default for name, about in told.items()}
    if not words:
        raise Problem("set what to its default? (rill set --default NAME)")
    for name in words:
        path(name)
        if name not in told:
            raise Problem(f"{name}: it has no default")
    return {name: told[name].default for name in words}


def run(options: dict[str, str], words: list[str]) -> int:
    """Change them."""
    # --save behind the value is what people write.
    while words and words[-1] == "--save":
        options["save"] = words.pop()
    loaded(TUNABLES)
    wanted = values(options, words)
    if "save" in options and os.stat("/proc/self/ns/net").st_ino != os.stat("/proc/1/ns/net").st_ino:
        raise Problem("--save is for the namespace that a boot makes, and this is another")
    for name, value in wanted.items():
        write(name, value)
    if "save" in options:
        save({name: None if "default" in options else value for name, value in wanted.items()})
    return 0


def complete(before: list[str]) -> list[str]:
    """A name, or a value where there are names of them."""
    if not before:
        return list(tunables())
    return [fields[1] for fields in entries("RILL_CONGESTION_CONTROLS")] if before == ["congestion_control"] else []


COMMAND = Subcommand("[OPTION...] NAME VALUE...\n       rill set [OPTION...] --default NAME...|--all", """
Change a tunable of this network namespace.
""", OPTIONS, run, complete)
