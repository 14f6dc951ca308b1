# SPDX-License-Identifier: GPL-2.0
"""rill get: tunables."""

import json
import os

from command import JSON, NAMESPACE, Option, Problem, Subcommand
from tables import TUNABLES, Tunable, loaded, read, tunables

OPTIONS = (
    Option("", "all", "each with default, range, from when it holds, and meaning"),
    Option("", "diff", "those that differ from the defaults"),
    JSON,
    NAMESPACE._replace(short="n"),
)


def path(name: str) -> str:
    """A tunable's file."""
    loaded(TUNABLES)
    if "/" in name or name.startswith(".") or not os.path.exists(f"{TUNABLES}/{name}"):
        raise Problem(f"no tunable '{name}' (rill get lists them)")
    return f"{TUNABLES}/{name}"


def chosen(words: list[str]) -> dict[str, str]:
    """The values of those that are named, or of all."""
    loaded(TUNABLES)
    names = words or sorted(os.listdir(TUNABLES))
    return {name: " ".join(read(path(name)).split()) for name in names}


def described(name: str, value: str, about: Tunable | None) -> str:
    """With all that the table says."""
    if not about:
        return f"{name} {value}"
    changed = "" if value == about.default else f", default {about.default}"
    return f"{name} {value}{changed}\n    {about.limits}, from the {about.when}: {about.text}"


def run(options: dict[str, str], words: list[str]) -> int:
    """Print them."""
    if len(words) > 1:
        raise Problem(f"get one, not '{words[1]}' besides (see rill get --help)")
    now = chosen(words)
    told = tunables() if "diff" in options or "all" in options else {}
    if "diff" in options:
        now = {name: value for name, value in now.items() if name in told and value != told[name].default}
    if "json" in options:
        print(json.dumps({name: {"value": value, **(told[name]._asdict() if name in told else {})}
                          for name, value in now.items()} if "all" in options else now, indent=1))
    elif "all" in options:
        print("\n".join(described(name, value, told.get(name)) for name, value in now.items()))
    elif "diff" in options:
        for name, value in now.items():
            print(f"{name} {value} (default {told[name].default})")
    else:
        for name, value in now.items():
            print(value if words else f"{name} {value}")
    return 0


COMMAND = Subcommand("[OPTION...] [NAME]", """
Print a tunable of this network namespace, or all.
""", OPTIONS, run, lambda before: () if before else tunables())
