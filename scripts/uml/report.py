#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Judge the console log of a KUnit run under User-Mode Linux.

usage: report.py LOG [PREFIX]

Prints a line for each suite, every failure with what the log says about it,
and last "N passed, N failed". Every case counts once, a parameterised one
once for each parameter; skipped ones are named and count as neither. Anything
wrong with the log itself is one more failure, "kernel log". PREFIX is cut off
the paths of source files. The exit status is 1 if anything failed.
"""

import re
import sys
from dataclasses import dataclass, field

STAMP = re.compile(r"^\[ *(\d+\.\d+)\] ?")
RESULT = re.compile(r"^( *)(not ok|ok) (\d+)(?: -)? ?(.*?)(?: # SKIP ?(.*))?$")
PLAN = re.compile(r"^( *)1\.\.(\d+)$")
SUBTEST = re.compile(r"^( *)# Subtest: (.+)$")

# What the kernel's checks print. Not "KASAN" in the line that says it is on,
# which has another spelling, and not kmemleak's own start-up lines.
TROUBLE = re.compile(
    r"\bBUG\b|WARNING:|\bKASAN\b|\bUBSAN\b|\bOops\b|Call Trace|kmemleak: \d+ new"
    r"|possible recursive|circular locking|suspicious RCU|\bODEBUG\b"
    r"|inconsistent lock state|\bINFO: (?!NMI)|DEBUG_LOCKS_WARN_ON|refcount_t:"
    r"|ref_tracker: (?!memory allocation failure)|unregister_netdevice: waiting|Attempt to release"
    r"|[Kk]ernel panic|general protection|scheduling while atomic"
    r"|Unknown symbol|disagrees about version|[Ss]tack guard|Segfault"
    r"|sysfs: cannot create duplicate|Kernel tried to|rill-uml: fail"
)

# Guesses in a backtrace, and what 6.12 and later say about a suite.
NOISE = re.compile(r"\[<[0-9a-f]+>\] \? |^ *# (module|Subtest): ")

EXCERPT = 60
TAIL = 30


def shorten(log: list[str]) -> list[str]:
    """Leave out the middle of what is too long to show."""
    if len(log) <= EXCERPT:
        return log
    return [*log[: EXCERPT - TAIL], "...", *log[-TAIL:]]


@dataclass
class Suite:
    """A suite's results. Indentation tells a case from its parameters."""

    name: str
    planned: int | None = None
    cases: int = 0
    passed: int = 0
    skipped: list[str] = field(default_factory=list)
    failed: list[tuple[str, list[str]]] = field(default_factory=list)
    ended: bool = False
    start: float = 0.0
    end: float = 0.0

    def settle(self, result: re.Match[str], name: str, log: list[str]) -> None:
        """Count a result line; log is what was printed before it."""
        if result[5] is not None:
            self.skipped.append(f"{name}: {result[5]}" if result[5] else name)
        elif result[2] == "ok":
            self.passed += 1
        else:
            self.failed.append((name, shorten(log)))


@dataclass
class Run:
    """All that a log says."""

    suites: list[Suite] = field(default_factory=list)
    planned: int | None = None
    trouble: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # their indexes


def parse(lines: list[str]) -> Run:
    """Read a console log, of any of the kernels, complete or cut short."""
    run = Run()
    suite: Suite | None = None
    pending: list[str] = []  # what was printed since the last result
    params: list[tuple[re.Match[str], list[str]]] = []  # of the case at hand
    stamp = 0.0
    started = stopped = ended = False

    for number, raw in enumerate(lines):
        line = raw.rstrip()
        match = STAMP.match(line)
        if match:
            stamp = float(match[1])
            line = line[match.end() :]
        started = started or line == "rill-uml: start"
        stopped = stopped or line == "rill-uml: stop"
        ended = ended or line == "rill-uml: end"
        # What boot leaked is not the module's, and init drops it.
        if TROUBLE.search(line) and (started or "kmemleak:" not in line):
            # A backtrace belongs to the trouble before it, if there is one.
            if "Call Trace" not in line or not run.trouble:
                run.places.append(number)
                run.trouble.append(f"{number + 1}: {line}")
        if not started or stopped:
            continue

        subtest, plan = SUBTEST.match(line), PLAN.match(line)
        result = RESULT.match(line)
        if subtest and len(subtest[1]) == 4:
            suite = Suite(subtest[2], start=stamp)
            run.suites.append(suite)
            pending, params = [], []
        elif plan and not plan[1]:
            run.planned = int(plan[2])
        elif plan and suite and len(plan[1]) == 4:
            suite.planned = int(plan[2])
        elif result and suite and len(result[1]) == 8:
            params.append((result, pending))
            pending = []
        elif result and suite and len(result[1]) == 4:
            suite.cases += 1
            for param, log in params:
                suite.settle(param, f"{result[4]}, {param[4]}", log)
            if all(param[2] == "ok" for param, _ in params) and (
                not params or result[2] != "ok"
            ):
                suite.settle(result, result[4], pending)
            pending, params = [], []
        elif result and not result[1]:
            if suite is None or suite.ended or suite.name != result[4]:
                # Its init function failed: no subtest line, no cases.
                suite = Suite(result[4], planned=0, start=stamp)
                run.suites.append(suite)
            suite.ended, suite.end = True, stamp
            if result[2] != "ok" and not suite.failed:
                suite.failed.append(("the suite itself", shorten(pending)))
            pending, params = [], []
        elif line.strip() and not NOISE.search(line) and "KTAP version" not in line:
            pending.append(line)

    for suite in run.suites:
        if not suite.ended or (suite.planned or 0) > suite.cases:
            lost = f"{suite.cases} of {suite.planned} cases"
            log = shorten(pending) if suite is run.suites[-1] else []
            suite.failed.append((f"cut short after {lost}", log))
    if not started:
        run.trouble.append("the kernel did not get as far as the module")
    elif not run.suites:
        run.trouble.append("no suite ran")
    elif run.planned is None or run.planned > len(run.suites):
        run.trouble.append(f"{len(run.suites)} of {run.planned} suites ran")
    if not ended:
        run.trouble.append("no end marker: the kernel hung, crashed, or was killed")
    return run


def excerpts(lines: list[str], places: list[int]) -> list[tuple[int, list[str]]]:
    """What the log says at the first few places that do not overlap."""
    found: list[tuple[int, list[str]]] = []
    seen = -1
    for place in places:
        if place <= seen or len(found) == 3:
            continue
        log = []
        seen = place - 1
        for line in lines[place:]:
            if len(log) == EXCERPT:
                break
            seen += 1
            if not NOISE.search(line):
                log.append(line)
        found.append((place, log))
    return found


def main() -> int:
    """Print the verdict on the log named on the command line."""
    if len(sys.argv) not in (2, 3) or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) > 1 else 2
    prefix = sys.argv[2] if len(sys.argv) == 3 else ""
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        text = file.read()
    if prefix:
        text = text.replace(prefix, "")
    lines = text.splitlines()
    run = parse(lines)

    for suite in run.suites:
        skipped = f", {len(suite.skipped)} skipped" if suite.skipped else ""
        print(
            f"{suite.name}: {suite.passed} passed, {len(suite.failed)} failed{skipped}"
            f" ({max(suite.end - suite.start, 0):.6f} s of virtual time)"
        )
        for name in suite.skipped:
            print(f"  skipped: {name}")
    passed = sum(suite.passed for suite in run.suites)
    failed = sum(len(suite.failed) for suite in run.suites)
    for suite in run.suites:
        for name, log in suite.failed:
            print(f"\nFAILED {suite.name}: {name}")
            for line in log:
                print(f"    {line.strip()}")
    if run.trouble:
        failed += 1
        print("\nFAILED kernel log")
        for line in run.trouble[:EXCERPT]:
            print(f"    {line}")
        for start, log in excerpts(lines, run.places):
            print(f"  from line {start + 1}:")
            for line in log:
                print(f"    {line}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
