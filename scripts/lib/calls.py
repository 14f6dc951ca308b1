# SPDX-License-Identifier: GPL-2.0
"""Who calls whom in module/: each place where a file names a function, a global
object, or a macro that leads to one, which another file defines.

Definitions come from universal-ctags, uses from the text without comments and
strings. A function whose address is taken (in a table of operations, say) is
used; a prototype in a header is no use. A static function belongs to its own file, whatever
others are called.
"""

import json
import pathlib
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# Comments and literals, in the order in which they hide one another.
HIDDEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
# A name, with what stands before it and says that it is a tag or a field.
NAME = re.compile(r"((?:\b(?:struct|union|enum|goto)\s+|->\s*|(?<!\.)\.\s*)?)\b([A-Za-z_]\w*)")
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)((?:[^\n]*\\\n)*[^\n]*)", re.M)
PASTE = re.compile(r"\b(\w+)##(\w+)\b")

Graph = dict[str, set[str]]


class Call(NamedTuple):
    """One use of something that another file defines."""

    user: str  # the file that it stands in, below module/
    function: str  # and the function or object there
    line: int
    name: str  # what is used
    owner: str  # the file that defines it

    @property
    def place(self) -> str:
        """FILE:LINE."""
        return f"{self.user}:{self.line}"


class Thing(NamedTuple):
    """A function, global object or macro, and where its text is."""

    name: str
    file: str
    first: int
    last: int
    static: bool
    macro: bool


def room(file: str) -> str:
    """The folder of a file; of one that stands in none, its own name."""
    return file.split("/")[0]


def plain(text: str) -> str:
    """The text of a source, with blanks for its comments and literals."""
    return HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def tags(base: pathlib.Path, files: list[str]) -> tuple[list[Thing], dict[tuple[str, str], set[str]]]:
    """The functions and objects in files, and what names each has for itself."""
    command = ["ctags", "--output-format=json", "--languages=C", "--langmap=C:.c.h", "--kinds-C=fvlz",
               "--fields=+nesK", "-o", "-", *files]
    found: list[Thing] = []
    own: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in subprocess.run(command, cwd=base, check=True, capture_output=True, text=True).stdout.splitlines():
        tag = json.loads(line)
        if tag["kind"] in ("local", "parameter"):
            own[tag["path"], tag.get("scope", "")].add(tag["name"])
        else:
            found.append(Thing(tag["name"], tag["path"], tag["line"], tag.get("end", tag["line"]),
                               bool(tag.get("file")), False))
    return found, own


def tables(texts: Iterable[str]) -> dict[str, list[list[str]]]:
    """The entries of each X macro table, each as its arguments."""
    found = {}
    for text in texts:
        for name, body in DEFINE.findall(text):
            if body.startswith("(X)"):
                found[name] = [[part.strip() for part in entry.split(",")]
                               for entry in re.findall(r"\bX\(([^()]*)\)", body)]
    return found


def pasted(text: str, after: int, body: str, entries: dict[str, list[list[str]]]) -> str:
    """The names that a definition of X() makes by ##, for each table until #undef X."""
    params = [param.strip() for param in body[1:body.index(")")].split(",")] if body.startswith("(") else []
    users = text[after:].split("#undef X")[0]
    names = []
    for prefix, param in PASTE.findall(body):
        for table in re.findall(r"\b(\w+)\(X\)", users) if param in params else []:
            names += [prefix + row[params.index(param)] for row in entries.get(table, [])]
    return " ".join(names)


class Source:
    """A file: its text, and what is used where."""

    def __init__(self, file: str, raw: str, things: list[Thing], own: dict[tuple[str, str], set[str]]) -> None:
        self.file = file
        self.text = plain(raw)
        self.things = [thing for thing in things if thing.file == file]
        self.own = own
        lines = self.text.count("\n") + 1
        self.within: list[str] = [""] * (lines + 2)
        for thing in self.things:
            self.within[thing.first:thing.last + 1] = [thing.name] * (thing.last + 1 - thing.first)

    def macros(self) -> list[Thing]:
        """What it defines by #define, but for X()."""
        found = []
        for match in DEFINE.finditer(self.text):
            first = self.text.count("\n", 0, match.start()) + 1
            if match[1] != "X":
                found.append(Thing(match[1], self.file, first, first + match[2].count("\n"), False, True))
        return found

    def uses(self, entries: dict[str, list[list[str]]]) -> Iterable[tuple[str, int, str]]:
        """The function it stands in, line and name of each name; in a header only of those in a definition."""
        header = self.file.endswith(".h")
        for match in NAME.finditer(self.text):
            line = self.text.count("\n", 0, match.start()) + 1
            within = self.within[line]
            if match[1] or (header and not within) or match[2] in self.own.get((self.file, within), ()):
                continue
            yield within, line, match[2]
        for match in DEFINE.finditer(self.text):
            line = self.text.count("\n", 0, match.start()) + 1
            if match[1] == "X" and "extern" not in match[2]:
                for name in pasted(self.text, match.end(), match[2], entries).split():
                    yield self.within[line], line, name


def read(root: pathlib.Path = ROOT, moves: Iterable[list[str]] = ()) -> list[Call]:
    """All uses across files of module/, each line and name once, as if some had moved (see moved())."""
    base = root / "module"
    files = sorted(str(path.relative_to(base)) for path in base.rglob("*.[ch]") if not path.name.endswith(".mod.c"))
    raw = {file: (base / file).read_text() for file in files}
    things, own = tags(base, files)
    sources = [Source(file, raw[file], things, own) for file in files]
    entries = tables([plain(path.read_text()) for path in (root / "include").rglob("*.h")]
                     + [source.text for source in sources])
    return moved(resolve(sources, things, entries), things, moves)


def moved(found: list[Call], things: list[Thing], moves: Iterable[list[str]]) -> list[Call]:
    """As if a function, NAME, or all of a file from one line to another, FILE:N-M, stood in another file."""
    home: dict[tuple[str, str], str] = {}
    for what, to in moves:
        lines = re.fullmatch(r"(.+):(\d+)-(\d+)", what)
        for thing in things:
            here = thing.file == lines[1] and int(lines[2]) <= thing.first <= int(lines[3]) if lines else \
                thing.name == what
            if here:
                home[thing.file, thing.name] = to
    found = [call._replace(user=home.get((call.user, call.function), call.user),
                           owner=home.get((call.owner, call.name), call.owner)) for call in found]
    return [call for call in found if call.user != call.owner]


def resolve(sources: list[Source], things: list[Thing], entries: dict[str, list[list[str]]]) -> list[Call]:
    """Find the definition of each name that is used, in its own file first."""
    mine = {(thing.file, thing.name) for thing in things}
    owner = {thing.name: thing.file for thing in things if not thing.static or thing.file.endswith(".h")}
    # A macro counts once its text leads to something that counts.
    macros = [macro for source in sources for macro in source.macros()]
    for source in sources:
        for macro in macros:
            if macro.file == source.file:
                source.within[macro.first:macro.last + 1] = [macro.name] * (macro.last + 1 - macro.first)
    used = [(source.file, *use) for source in sources for use in source.uses(entries)]
    inside: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file, within, _, name in used:
        inside[file, within].add(name)
    grown = True
    while grown:
        grown = False
        for macro in macros:
            leads = macro.name not in owner and any(
                name in owner and name != macro.name for name in inside[macro.file, macro.name])
            if leads:
                owner[macro.name] = macro.file
                mine.add((macro.file, macro.name))
                grown = True
    return sorted({Call(file, within, line, name, file if (file, name) in mine else owner[name])
                   for file, within, line, name in used if (file, name) in mine or name in owner})


def graph(calls: Iterable[Call], by_room: bool = False) -> Graph:
    """Which file, or which room, uses which."""
    edges: Graph = defaultdict(set)
    for call in calls:
        ends = (room(call.user), room(call.owner)) if by_room else (call.user, call.owner)
        if ends[0] != ends[1]:
            edges[ends[0]].add(ends[1])
            edges.setdefault(ends[1], set())
    return dict(edges)


def knots(edges: Graph) -> list[list[str]]:
    """The strongly connected components of more than one, largest first (Tarjan)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(at: str) -> None:
        number[at] = low[at] = len(number)
        stack.append(at)
        for to in edges.get(at, ()):
            if to not in number:
                visit(to)
                low[at] = min(low[at], low[to])
            elif to in stack:
                low[at] = min(low[at], number[to])
        if low[at] == number[at]:
            place = stack.index(at)
            if len(stack) - place > 1:
                found.append(sorted(stack[place:]))
            del stack[place:]

    for at in sorted(edges):
        if at not in number:
            visit(at)
    return sorted(found, key=lambda knot: (-len(knot), knot))
