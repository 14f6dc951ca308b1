# SPDX-License-Identifier: GPL-2.0
"""What all subcommands share: their table, options, help, namespaces."""

import importlib
import os
import sys
from collections import namedtuple
from collections.abc import Iterable

# Those of this directory; "rill run" is a shell's.
NAMES = ("ss", "stat", "get", "set", "kill", "top", "pcap")
HERE = os.path.dirname(os.path.abspath(__file__))


class Problem(Exception):
    """What the command says in one line before it ends with 1."""

    def __init__(self, text: str) -> None:
        # A person's words are in it, whatever they were.
        super().__init__("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text))


class Option(namedtuple("Option", "short long text value", defaults=("",))):
    """One that a subcommand takes, by a letter, a word or both; value names what follows."""

    __slots__ = ()


HELP = Option("h", "help", "this page")
NAMESPACE = Option("N", "net", "in the network namespace that ip-netns(8) names so", "NAME")
JSON = Option("j", "json", "as JSON")


class Subcommand(namedtuple("Subcommand", "usage text options run words more", defaults=(lambda before: (), ""))):
    """What a file here defines as COMMAND.

    run(options, rest) returns the exit code; words(before) are those that may
    stand behind these words; more is what its page tells at the end.
    """

    __slots__ = ()


def subcommand(name: str) -> Subcommand:
    """By its name."""
    if name not in NAMES:
        raise Problem(f"unknown command '{name}' (see rill --help)")
    return importlib.import_module(f"sub_{name}").COMMAND


def page(name: str, what: Subcommand) -> str:
    """Its help."""
    lines = [f"Usage: rill {name} {what.usage}", "", *what.text.strip().splitlines(), ""]
    for option in (*what.options, HELP):
        words = f"-{option.short}, " if option.short else "    "
        words += f"--{option.long}" + (f" {option.value}" if option.value else "")
        lines.append(f"  {words:<25} {option.text}")
    if what.more:
        lines += ["", *what.more.strip().splitlines()]
    return "\n".join(lines)


def parsed(name: str, options: Iterable[Option], words: list[str], late: bool) -> tuple[dict[str, str], list[str]]:
    """Options by their long names, and what else there is; late ones may come behind that.

    As getopt_long(3) has it: -tan is three, a value may follow at once, a long
    name may be cut short. Python's modules for that take as long as the rest.
    """
    known = (*options, HELP)
    short = {option.short: option for option in known if option.short}
    given: dict[str, str] = {}
    rest, left = [], words[::-1]
    while left:
        word = left.pop()
        if word == "--":
            return given, rest + left[::-1]
        if word.startswith("--"):
            _long(name, known, word[2:], left, given)
        elif word.startswith("-") and word != "-":
            _bundle(name, short, word[1:], left, given)
        else:
            rest.append(word)
            if not late:
                return given, rest + left[::-1]
    return given, rest


def _value(name: str, word: str, left: list[str]) -> str:
    """The value of an option, which is the next word."""
    if not left:
        raise Problem(f"option {word} lacks its value (see rill {name} --help)")
    return left.pop()


def _long(name: str, known: Iterable[Option], word: str, left: list[str], given: dict[str, str]) -> None:
    """One long option."""
    word, equal, value = word.partition("=")
    found = [option for option in known if option.long.startswith(word)]
    found = [option for option in found if option.long == word] or found
    if len(found) != 1:
        raise Problem(f"{'which' if found else 'no'} option --{word}? (see rill {name} --help)")
    if equal and not found[0].value:
        raise Problem(f"option --{found[0].long} takes no value (see rill {name} --help)")
    if found[0].value and not equal:
        value = _value(name, f"--{found[0].long}", left)
    given[found[0].long] = value


def _bundle(name: str, short: dict[str, Option], letters: str, left: list[str], given: dict[str, str]) -> None:
    """Short options in one word."""
    while letters:
        letter, letters = letters[0], letters[1:]
        option = short.get(letter)
        if not option:
            raise Problem(f"no option -{letter} (see rill {name} --help)")
        if not option.value:
            given[option.long] = ""
            continue
        given[option.long] = letters or _value(name, f"-{letter}", left)
        return


def in_namespace(name: str, wanted: str, words: list[str]) -> None:
    """Go on in that namespace, where /sys is its own: iproute2 knows how."""
    if wanted.startswith("-") or not os.path.exists(f"/run/netns/{wanted}"):
        raise Problem(f"no network namespace '{wanted}' (ip netns lists them)")
    sys.stdout.flush()
    try:
        os.execvp("ip", ["ip", "netns", "exec", wanted, sys.executable, "-ISB", f"{HERE}/__main__.py", name, *words])
    except FileNotFoundError:
        raise Problem("no ip; install the package iproute2") from None


def run(name: str, words: list[str]) -> int:
    """Run a subcommand; returns the exit code."""
    if name == "--complete":
        return complete(words)
    what = subcommand(name)
    # A value may begin with a dash.
    options, rest = parsed(name, what.options, words, late=name != "set")
    if "help" in options:
        print(page(name, what))
        return 0
    if "net" in options:
        in_namespace(name, options.pop("net"), [*again(what.options, options), "--", *rest])
    return what.run(options, rest)


def again(options: Iterable[Option], given: dict[str, str]) -> list[str]:
    """The words that give these options."""
    values = {option.long for option in options if option.value}
    return [f"--{key}={value}" if key in values else f"--{key}" for key, value in given.items()]


def complete(words: list[str]) -> int:
    """Print what may stand in the place of the last of these words, a line each."""
    *before, last = words or [""]
    if not before:
        found: Iterable[str] = ("run", *NAMES, "--help", "--version")
    elif before[0] not in NAMES:
        found = ()
    else:
        what = subcommand(before[0])
        options = (*what.options, HELP)
        if last.startswith("-"):
            found = [f"--{option.long}" for option in options]
        else:
            plain = [word for word in before[1:] if not word.startswith("-")]
            found = what.words(plain)
    for one in found:
        if one.startswith(last):
            print(one)
    return 0


def seconds(text: str) -> float:
    """A time that a person gave."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0.01 <= value <= 86400:
        raise Problem(f"'{text}' is no number of seconds")
    return value


def count(text: str) -> int:
    """How often, as a person gave it."""
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise Problem(f"'{text}' is no number")
    return int(text)
