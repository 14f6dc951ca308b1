# SPDX-License-Identifier: GPL-2.0
"""Test cases for the guest suites, reported in TAP.

A case is a function under @case(); main() runs those of the module that have
been registered, each in a process of its own, so that one that hangs or is
killed fails alone and leaves no socket behind.  They run one after the other,
or, if main() is told so, several at once, but for those that must be alone.
"""

import contextlib
import os
import re
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import NamedTuple


# How often a limit's time a case has: a kernel under KASAN and lockdep is slow.
PATIENCE = float(os.environ.get("RILL_PATIENCE", "1"))


class Case(NamedTuple):
    """What has been registered."""

    name: str
    function: Callable[[], None]
    limit: float
    alone: bool


_cases: list[Case] = []


class Failed(AssertionError):
    """What a case raises to say why it failed."""


def case(name: str, limit: float = 20.0,
         alone: bool = False) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a case; it fails if it takes more than limit seconds."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        add(name, function, limit, alone)
        return function

    return register


def add(name: str, function: Callable[[], None], limit: float = 20.0, alone: bool = False) -> None:
    """Register a case that is made, not written (tables of cases)."""
    _cases.append(Case(name, function, limit * PATIENCE, alone))


def same(got: object, want: object, what: str = "") -> None:
    """Fail unless got equals want."""
    if got != want:
        raise Failed(f"{what + ': ' if what else ''}got {got!r}, expected {want!r}")


def true(value: object, what: str) -> None:
    """Fail unless value is true."""
    if not value:
        raise Failed(what)


def deadline(seconds: float) -> float:
    """When that time is over, on the clock of time.monotonic()."""
    return time.monotonic() + seconds * PATIENCE


def moments(seconds: float) -> Iterator[None]:
    """When to look for what happens soon: at once, until that time is over, and then.

    Where the processor is emulated, to look each millisecond takes much of its
    time: after a while an answer that is a tenth late is early enough.
    """
    begun = now = time.monotonic()
    while now - begun <= seconds:
        yield
        time.sleep(min(max((now - begun) / 10, 0.001), 0.02))
        now = time.monotonic()
    yield


def until(condition: Callable[[], object], what: str, limit: float = 10.0) -> None:
    """Wait for something that happens soon."""
    for _ in moments(limit * PATIENCE):
        if condition():
            return
    raise Failed(f"did not happen within {limit * PATIENCE:g} s: {what}")


def between(value: float, least: float, most: float, what: str) -> None:
    """Fail unless a measured value is in a range."""
    note(f"{what}: {value:.0f}")
    true(least <= value <= most, f"{what}: {value:.1f} is not in {least:g} to {most:g}")


def note(text: str) -> None:
    """A remark beside the case's line."""
    print(f"# {text}", flush=True)


class _Run:
    """A case that runs, in a child."""

    def __init__(self, case_: Case, output: int | None) -> None:
        self.case = case_
        self.output = output
        self.start = time.monotonic()
        self.read, write = os.pipe()
        sys.stdout.flush()
        self.child = os.fork()
        if self.child == 0:
            os.close(self.read)
            if output is not None:
                os.dup2(output, 1)
            self._work(write)
        os.close(write)
        self.ends = os.pidfd_open(self.child)

    def _work(self, write: int) -> None:
        """In the child: run the case, and say what was wrong."""
        os.setsid()
        why = ""
        try:
            self.case.function()
        except Failed as error:
            where = traceback.extract_tb(error.__traceback__)
            line = next((f.lineno for f in reversed(where) if f.filename != __file__), 0)
            why = f"line {line}: {error}"
        except BaseException:
            why = traceback.format_exc()
        sys.stdout.flush()
        os.write(write, why.encode()[:60000])
        os._exit(1 if why else 0)

    def over(self) -> bool:
        """Has it ended, or had its time? Then why it failed is in self.why."""
        pid, status = os.waitpid(self.child, os.WNOHANG)
        self.spent = time.monotonic() - self.start
        if not pid and self.spent < self.case.limit:
            return False
        why = ""
        if not pid:
            why = f"still running after {self.case.limit:g} s, in: {_where(self.child)}"
        elif os.WIFSIGNALED(status):
            why = f"killed by signal {os.WTERMSIG(status)}"
        # What the case started must not disturb the next one.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child, signal.SIGKILL)
        if not pid:
            os.waitpid(self.child, 0)
        os.close(self.ends)
        self.why = why or self._said()
        return True

    def _said(self) -> str:
        """What the child has written to the pipe."""
        os.set_blocking(self.read, False)
        try:
            return os.read(self.read, 65536).decode(errors="replace")
        except BlockingIOError:
            return ""

    def report(self, number: int) -> None:
        """Print the case's lines."""
        os.close(self.read)
        if self.output is not None:
            os.lseek(self.output, 0, os.SEEK_SET)
            with open(self.output) as notes:
                sys.stdout.write(notes.read())
        print(f"{'not ok' if self.why else 'ok'} {number} - {self.case.name}"
              f" # {self.spent * 1000:.0f} ms")
        for line in self.why.rstrip().splitlines():
            print(f"#   {line}")
        sys.stdout.flush()


def _where(pid: int) -> str:
    """What a stuck process waits for in the kernel."""
    try:
        with open(f"/proc/{pid}/stack") as stack:
            calls = re.findall(r"\] (\w+)", stack.read())
        return " < ".join(calls[:6])
    except OSError:
        return "?"


def main(jobs: int = 1) -> None:
    """Run the registered cases, up to so many at once, and exit."""
    pattern = os.environ.get("RILL_CASE")
    waiting = [c for c in _cases if not pattern or re.search(pattern, c.name)]
    running: list[_Run] = []
    # In the order of registration: the first of them is reported next.
    started: list[_Run] = []
    bad = number = 0
    print(f"1..{len(waiting)}", flush=True)
    while waiting or started:
        while waiting and len(running) < jobs and not (
                running and (waiting[0].alone or running[-1].case.alone)):
            # One by one, what they say is seen at once.
            output = os.memfd_create("case") if jobs > 1 else None
            running.append(_Run(waiting.pop(0), output))
            started.append(running[-1])
        # Until one ends, or the first has had its time.
        left = min(run.start + run.case.limit for run in running) - time.monotonic()
        select.select([run.ends for run in running], [], [], max(left, 0))
        running = [run for run in running if not run.over()]
        while started and started[0] not in running:
            number += 1
            bad += bool(started[0].why)
            started.pop(0).report(number)
    sys.exit(1 if bad else 0)
