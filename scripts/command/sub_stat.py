# SPDX-License-Identifier: GPL-2.0
"""rill stat: counters."""

import sys
import time
from collections.abc import Iterator

from command import JSON, NAMESPACE, Option, Problem, Subcommand, count, seconds
from tables import COUNTERS, counters, loaded, values

OPTIONS = (
    Option("i", "interval", "what has changed in each such time, until ^C", "SECONDS"),
    Option("c", "count", "with -i: so many times", "COUNT"),
    Option("", "openmetrics", "as an exporter for Prometheus prints them"),
    JSON,
    NAMESPACE,
)


def matching(pattern: str) -> dict[str, int]:
    """The counters whose line matches."""
    now = values()
    if not pattern:
        return now
    import subprocess

    text = "".join(f"{name} {value}\n" for name, value in now.items())
    done = subprocess.run(["grep", "-E", "--", pattern], input=text, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise Problem(f"'{pattern}' is no extended regular expression")
    found = [line.split()[0] for line in done.stdout.splitlines()]
    if not found:
        raise Problem(f"no counter matches '{pattern}'")
    return {name: now[name] for name in found}


def openmetrics(now: dict[str, int]) -> Iterator[str]:
    """The text format that OpenMetrics 1.0 defines."""
    told = counters()
    for name, value in now.items():
        # One that a newer module has.
        what = told.get(name)
        kind = "gauge" if what and what.gauge else "counter"
        yield f"# TYPE rill_{name} {kind}"
        if what:
            text = what.text.replace("\\", "\\\\").replace('"', '\\"')
            yield f"# HELP rill_{name} {text}"
        yield f"rill_{name}{'_total' if kind == 'counter' else ''} {value}"
    yield "# EOF"


def differences(options: dict[str, str], pattern: str) -> Iterator[tuple[dict[str, int], float]]:
    """What each interval has added to whom, with the seconds that it took."""
    wait, left = seconds(options["interval"]), count(options.get("count", "999999999"))
    before = matching(pattern)
    gauges = {name for name, what in counters().items() if what.gauge}
    begun = then = time.monotonic()
    for turn in range(1, left + 1):
        time.sleep(max(begun + turn * wait - time.monotonic(), 0))
        now, at = values(), time.monotonic()
        yield {name: now[name] if name in gauges else now[name] - before[name]
               for name in before if name in now}, at - then
        before, then = {name: now[name] for name in before if name in now}, at


def watch(options: dict[str, str], pattern: str) -> int:
    """Print differences as they come."""
    width = max(map(len, values()))
    for changed, took in differences(options, pattern):
        if "json" in options:
            import json

            print(json.dumps({"seconds": round(took, 6), **changed}))
        else:
            print(f"{time.strftime('%H:%M:%S')}  {took:.2f} s")
            for name, value in changed.items():
                if value and name.startswith("now_"):
                    print(f"  {name:<{width}} {value:>12}")
                elif value:
                    print(f"  {name:<{width}} {value:>+12} {value / took:>14.1f}/s")
        sys.stdout.flush()
    return 0


def run(options: dict[str, str], words: list[str]) -> int:
    """Print them."""
    loaded(COUNTERS)
    if len(words) > 1:
        raise Problem(f"one pattern, not '{words[1]}' besides (see rill stat --help)")
    pattern = words[0] if words else ""
    if "count" in options and "interval" not in options:
        raise Problem("-c needs -i (see rill stat --help)")
    if "openmetrics" in options and ("interval" in options or "json" in options):
        raise Problem("--openmetrics goes with neither -i nor -j")
    if "interval" in options:
        return watch(options, pattern)
    now = matching(pattern)
    if "openmetrics" in options:
        print("\n".join(openmetrics(now)))
    elif "json" in options:
        import json

        print(json.dumps(now, indent=1))
    else:
        print("\n".join(f"{name} {value}" for name, value in now.items()))
    return 0


COMMAND = Subcommand("[OPTION...] [PATTERN]", """
Print the counters of this network namespace, or those whose line matches an
extended regular expression.
""", OPTIONS, run, lambda before: () if before else counters())
