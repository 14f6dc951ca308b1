# SPDX-License-Identifier: GPL-2.0
"""The filter language of ss, compiled for the kernel.

A filter is a list of operations (linux/inet_diag.h).  One that is true goes on
with the next, one that is false jumps ahead; behind the last is "passes", and
four bytes behind that "is left out".
"""

import os
import socket
import struct
from collections import namedtuple

from command import Problem

JMP, S_GE, S_LE, D_GE, D_LE, AUTO, S_COND, D_COND, DEV_COND, MARK_COND, S_EQ, D_EQ, CGROUP_COND = range(1, 14)

ALL = 0x1FFE
# Where version 2 is, also beside version 1.
CGROUPS = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"
_bit = {"established": 1, "syn-sent": 2, "syn-recv": 3, "fin-wait-1": 4, "fin-wait-2": 5, "time-wait": 6, "closed": 7,
        "close-wait": 8, "last-ack": 9, "listening": 10, "closing": 11}
# What a person may write behind "state", as bits; half-open entries have a state of their own.
STATES = {name: 1 << bit | (1 << 12 if bit == 3 else 0) for name, bit in _bit.items()}
STATES |= {"all": ALL, "connected": ALL & ~STATES["closed"] & ~STATES["listening"],
           "bucket": STATES["syn-recv"] | STATES["time-wait"]}
STATES |= {"synchronized": STATES["connected"] & ~STATES["syn-sent"], "big": ALL & ~STATES["bucket"],
           "listen": STATES["listening"], "close": STATES["closed"], "unconnected": STATES["closed"],
           "syn_recv": STATES["syn-recv"], "syn_sent": STATES["syn-sent"], "time_wait": STATES["time-wait"]}

_COMPARE = {"=": "=", "==": "=", "eq": "=", "!=": "!", "ne": "!", "neq": "!", "<": "<", "lt": "<", ">": ">",
            "gt": ">", "<=": "<=", "le": "<=", "leq": "<=", ">=": ">=", "ge": ">=", "geq": ">="}
_AND, _OR, _NOT = ("and", "&", "&&"), ("or", "|", "||"), ("not", "!")
_WORD = r"\s*(\(|\)|&&?|\|\|?|[<>=!]=|[<>=!]|[^\s()&|<>=!]+)"
_CODES = {"sport": (S_EQ, S_GE, S_LE, S_COND), "dport": (D_EQ, D_GE, D_LE, D_COND)}
WORDS = ("state", "exclude", "sport", "dport", "src", "dst", "dev", "fwmark", "cgroup", "autobound", "and", "or",
         "not", "(", ")")


class Label:
    """A place in the code, known in the end."""

    at = 0


class Op(namedtuple("Op", "code more otherwise")):
    """An operation, what it takes, and the label where it goes on if it is false."""

    __slots__ = ()


class Host(namedtuple("Host", "family address prefix port")):
    """An address and a port, of which either may be any."""

    __slots__ = ()


def number(text: str, most: int) -> int:
    """A number of decimal digits, or -1."""
    return int(text) if text.isdecimal() and len(text) <= 10 and int(text) <= most else -1


def port(text: str) -> int:
    """A port, or a service's name."""
    if text == "*":
        return -1
    found = number(text, 65535)
    if found >= 0:
        return found
    try:
        return socket.getservbyname(text, "tcp")
    except (OSError, UnicodeError):
        raise Problem(f"'{text}' is no port") from None


def addresses(text: str) -> list[tuple[int, bytes]]:
    """Families and bytes of an address, or of a host's name."""
    import re

    if re.fullmatch(r"\d+(\.\d+){0,2}", text):
        # A network's number, as ip-address(8) has it: 10 is 10.0.0.0.
        text += ".0" * (3 - text.count("."))
    try:
        found = socket.getaddrinfo(text, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys((int(one[0]), socket.inet_pton(one[0], one[4][0].partition("%")[0]))
                                  for one in found))
    except (OSError, UnicodeError):
        raise Problem(f"'{text}' is no address") from None


def hosts(text: str) -> list[Host]:
    """What stands behind src, dst, sport and dport: ADDRESS[/PREFIX][:PORT]; a name may have several."""
    import re

    match = re.fullmatch(r"\[(?P<a>[^]/]*)(?:/(?P<l>\d+))?\](?::(?P<p>.+))?", text)
    match = match or re.fullmatch(r"\[(?P<a>[^]]*)\](?:/(?P<l>\d+))?(?::(?P<p>.+))?", text)
    match = match or re.fullmatch(r"(?P<a>[^:/]*)(?:/(?P<l>\d+))?(?::(?P<p>[^:]+))?", text)
    # Several colons are an IPv6 address.
    match = match or re.fullmatch(r"(?P<a>[^/]*:[^/]*:[^/]*)(?:/(?P<l>\d+))?(?P<p>)", text)
    if not match:
        raise Problem(f"'{text}' is no address")
    there = port(match["p"]) if match["p"] else -1
    if match["a"] in ("", "*"):
        return [Host(0, b"", 0, there)]
    found = []
    for family, raw in addresses(match["a"]):
        prefix = number(match["l"], len(raw) * 8) if match["l"] else len(raw) * 8
        if prefix < 0:
            raise Problem(f"'/{match['l']}' is no prefix of {match['a']}")
        found.append(Host(family, raw, prefix, there))
    return found


class Filter:
    """Compiles the words of a filter; states are apart, since the kernel has bits for them."""

    def __init__(self, words: list[str]) -> None:
        # The states that it names, in their order: whether they are wanted, and which.
        self.named: list[tuple[bool, int]] = []
        self.words: list[str] = []
        self.at = 0
        if words:
            import re

            # The kernel's lists look at the states first.
            text = self._states(" ".join(words))
            self.words = re.findall(_WORD, text)

    def _states(self, text: str) -> str:
        """Take the states; returns what else the text says."""
        import re

        while match := re.match(r"\s*(state|exclude|excl)\s+(\S+)(?:\s+|$)", text):
            bits = STATES.get(match[2].lower())
            if bits is None:
                raise Problem(f"'{match[2]}' is no state (one of: {' '.join(STATES)})")
            self.named.append((match[1] == "state", bits))
            text = text[match.end():]
        return text

    def states(self, base: int) -> int:
        """The states that it names, or those of base that it does not exclude."""
        chosen = 0 if self.named[0][0] else base
        for wanted, bits in self.named:
            chosen = chosen | bits if wanted else chosen & ~bits
        return chosen

    def _next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def _take(self, what: str) -> str:
        word = self._next()
        if not word:
            raise Problem(f"the filter ends where {what} is due")
        self.at += 1
        return word

    def _wrong(self, word: str) -> None:
        raise Problem(f"the filter has '{word}' where a condition is due (see rill ss --help)")

    def code(self) -> bytes:
        """The whole of it, as the kernel takes it."""
        if not self.words:
            return b""
        out = Label()
        made: list = []
        try:
            self._either(made, out)
        except RecursionError:
            raise Problem("the filter is nested too deeply") from None
        if self.at < len(self.words):
            self._wrong(self._next())
        return assembled(made, out)

    def _either(self, made: list, no: Label) -> None:
        """a or b: the first that is true jumps over the others."""
        start, passes = len(made), Label()
        other = Label()
        self._every(made, other)
        if self._next() not in _OR:
            # No second one: what would have gone there is false.
            made[start:] = [op._replace(otherwise=no) if isinstance(op, Op) and op.otherwise is other else op
                            for op in made[start:]]
            return
        while self._next() in _OR:
            self.at += 1
            made += [Op(JMP, b"", passes), other]
            other = Label()
            self._every(made, other)
        made += [Op(JMP, b"", passes), other, Op(JMP, b"", no), passes]

    def _every(self, made: list, no: Label) -> None:
        """a and b; the word between them may be left out."""
        self._one(made, no)
        while (word := self._next()) and word not in (*_OR, ")"):
            if word in _AND:
                self.at += 1
            self._one(made, no)

    def _one(self, made: list, no: Label) -> None:
        """A condition, its contrary, or parentheses."""
        word = self._take("a condition").lower()
        if word in _NOT:
            false = Label()
            self._one(made, false)
            made += [Op(JMP, b"", no), false]
        elif word == "(":
            self._either(made, no)
            if self._take("')'") != ")":
                self._wrong(self.words[self.at - 1])
        else:
            self._condition(word, made, no)

    def _condition(self, word: str, made: list, no: Label) -> None:
        if word == "autobound":
            made.append(Op(AUTO, b"", no))
            return
        if word not in ("sport", "dport", "src", "dst", "dev", "fwmark", "cgroup"):
            self._wrong(word)
        compare = "="
        if self._next().lower() in _COMPARE:
            compare = _COMPARE[self._take("a comparison").lower()]
        value = self._take(f"the value of {word}")
        if compare == "!":
            false = Label()
            self._compare(word, "=", value, made, false)
            made += [Op(JMP, b"", no), false]
        else:
            self._compare(word, compare, value, made, no)

    def _compare(self, word: str, compare: str, value: str, made: list, no: Label) -> None:
        if word in _CODES:
            self._port(word, compare, value, made, no)
            return
        if compare != "=":
            raise Problem(f"{word} takes no '{compare}'")
        if word in ("src", "dst"):
            self._hosts(S_COND if word == "src" else D_COND, hosts(value), made, no)
        elif word == "dev":
            made.append(Op(DEV_COND, struct.pack("=I", device(value)), no))
        elif word == "fwmark":
            made.append(Op(MARK_COND, struct.pack("=II", *mark(value)), no))
        else:
            made.append(Op(CGROUP_COND, struct.pack("=Q", cgroup(value)), no))

    @staticmethod
    def _hosts(code: int, there: list[Host], made: list, no: Label) -> None:
        """One of these."""
        passes = Label()
        for one in there[:-1]:
            other = Label()
            made += [Op(code, condition(one), other), Op(JMP, b"", passes), other]
        made += [Op(code, condition(there[-1]), no), passes]

    def _port(self, word: str, compare: str, value: str, made: list, no: Label) -> None:
        """A comparison of a port; the kernel knows no "less" and no "greater"."""
        equal, least, most, either = _CODES[word]
        there = hosts(value if ":" in value else f":{value}")
        if there[0].family:
            if compare != "=":
                raise Problem(f"'{value}' has an address: {word} takes no '{compare}' for it")
            self._hosts(either, there, made, no)
            return
        if there[0].port < 0:
            raise Problem(f"'{value}' is no port")
        wanted = there[0].port + {"<": -1, ">": 1}.get(compare, 0)
        if not 0 <= wanted <= 65535:
            # No port is less than 0, or greater than 65535.
            made.append(Op(JMP, b"", no))
            return
        code = equal if compare == "=" else least if ">" in compare else most
        made.append(Op(code, struct.pack("=BBH", 0, 0, wanted), no))


def condition(there: Host) -> bytes:
    """struct inet_diag_hostcond."""
    return struct.pack("=BBxxi", there.family, there.prefix, there.port) + there.address


def device(name: str) -> int:
    """The number of an interface."""
    found = number(name, 2**31 - 1)
    if found >= 0:
        return found
    try:
        return socket.if_nametoindex(name)
    except (OSError, UnicodeError):
        raise Problem(f"no interface '{name}'") from None


def mark(text: str) -> tuple[int, int]:
    """A mark and its mask."""
    value, _, mask = text.partition("/")
    try:
        numbers = int(value, 0), int(mask, 0) if mask else 0xFFFFFFFF
    except ValueError:
        numbers = -1, 0
    if not all(0 <= number <= 0xFFFFFFFF for number in numbers):
        raise Problem(f"'{text}' is no mark")
    return numbers


def cgroup(path: str) -> int:
    """The number of a cgroup, which its directory has."""
    full = path if path.startswith(CGROUPS) else f"{CGROUPS}/{path.lstrip('/')}"
    try:
        return os.stat(full).st_ino
    except (OSError, ValueError):
        raise Problem(f"no cgroup '{path}'") from None


def assembled(made: list, out: Label) -> bytes:
    """The operations with their jumps."""
    at = 0
    for each in made:
        if isinstance(each, Label):
            each.at = at
        else:
            at += 4 + len(each.more)
    out.at = at + 4
    if at > 60000:
        raise Problem("the filter is too long")
    code, at = b"", 0
    for each in made:
        if isinstance(each, Op):
            size = 4 + len(each.more)
            code += struct.pack("=BBH", each.code, size, each.otherwise.at - at) + each.more
            at += size
    return code
