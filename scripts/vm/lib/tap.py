# SPDX-License-Identifier: GPL-2.0
"""Test cases for the guest suites, reported in TAP.

A case is a function under @case(); main() runs those of the module that have
been registered, in order, each in a process of its own, so that one that hangs
or is killed fails alone and leaves no socket behind.
"""

import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable

Case = tuple[str, Callable[[], None], float]
_cases: list[Case] = []


class Failed(AssertionError):
    """What a case raises to say why it failed."""


def case(name: str, limit: float = 20.0) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a case; it fails if it takes more than limit seconds."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        _cases.append((name, function, limit))
        return function

    return register


def add(name: str, function: Callable[[], None], limit: float = 20.0) -> None:
    """Register a case that is made, not written (tables of cases)."""
    _cases.append((name, function, limit))


def same(got: object, want: object, what: str = "") -> None:
    """Fail unless got equals want."""
    if got != want:
        raise Failed(f"{what + ': ' if what else ''}got {got!r}, expected {want!r}")


def true(value: object, what: str) -> None:
    """Fail unless value is true."""
    if not value:
        raise Failed(what)


def note(text: str) -> None:
    """A remark beside the case's line."""
    print(f"# {text}", flush=True)


def _run(function: Callable[[], None], limit: float) -> str:
    """Run one case in a child; return why it failed, or nothing."""
    read, write = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(read)
        why = ""
        try:
            function()
        except Failed as error:
            where = traceback.extract_tb(error.__traceback__)
            line = next((f.lineno for f in reversed(where) if f.filename != __file__), 0)
            why = f"line {line}: {error}"
        except BaseException:
            why = traceback.format_exc()
        sys.stdout.flush()
        os.write(write, why.encode()[:60000])
        os._exit(1 if why else 0)
    os.close(write)
    deadline = time.monotonic() + limit
    status: int | None = None
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            break
        status = None
        time.sleep(0.002)
    if status is None:
        why = f"still running after {limit:g} s, in: {_where(child)}"
    elif os.WIFSIGNALED(status):
        why = f"killed by signal {os.WTERMSIG(status)}"
    else:
        why = ""
    # What the case started must not disturb the next one.
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if status is None:
        os.waitpid(child, 0)
    if not why:
        os.set_blocking(read, False)
        try:
            why = os.read(read, 65536).decode(errors="replace")
        except BlockingIOError:
            why = ""
    os.close(read)
    return why


def _where(pid: int) -> str:
    """What a stuck process waits for in the kernel."""
    try:
        with open(f"/proc/{pid}/stack") as stack:
            calls = re.findall(r"\] (\w+)", stack.read())
        return " < ".join(calls[:6])
    except OSError:
        return "?"


def main() -> None:
    """Run the registered cases and exit."""
    pattern = os.environ.get("RILL_CASE")
    cases = [c for c in _cases if not pattern or re.search(pattern, c[0])]
    bad = 0
    print(f"1..{len(cases)}", flush=True)
    for number, (name, function, limit) in enumerate(cases, 1):
        start = time.monotonic()
        why = _run(function, limit)
        spent = f" # {(time.monotonic() - start) * 1000:.0f} ms"
        if why:
            bad += 1
            print(f"not ok {number} - {name}{spent}")
            for line in why.rstrip().splitlines():
                print(f"#   {line}")
        else:
            print(f"ok {number} - {name}{spent}")
        sys.stdout.flush()
    sys.exit(1 if bad else 0)
