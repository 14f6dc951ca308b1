# SPDX-License-Identifier: GPL-2.0
"""rill ss: connections, in the columns and by the options of ss."""

import socket
import sys

import info
import sockdiag
from command import JSON, NAMESPACE, Option, Subcommand
from filter import STATES, WORDS
from listing import FAMILY, NO_HEADER, TIMERS, WHICH, Names, coloured, owners, rows, users

OPTIONS = (
    *WHICH,
    Option("n", "numeric", "ports as numbers, rates as numbers"),
    Option("o", "options", "the timer that runs, its time left, retransmissions"),
    Option("e", "extended", "that, uid, inode, cookie, mark, cgroup, shut directions"),
    Option("p", "processes", "who has it open; root sees all"),
    Option("m", "memory", "its memory"),
    Option("i", "info", "struct tcp_info"),
    Option("s", "summary", "how many there are in each state"),
    Option("t", "tcp", "taken, and without effect: rill has streams only"),
    *FAMILY,
    NO_HEADER,
    Option("O", "oneline", "each connection on one line"),
    JSON,
    NAMESPACE,
)
FILTER = """
A filter chooses states first: "state NAME" and "exclude NAME", also several, of
  established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed
  close-wait last-ack listening closing, all connected synchronized bucket big.
Then conditions, with and, or, not and parentheses:
  dport = :443   sport >= :1024   src 10.0.0.0/8   dst [fd00::1]:22
  dev eth0       fwmark = 1/0xff  cgroup system.slice/nginx.service   autobound
The kernel looks for what matches. Put parentheses and signs in quotes:
  rill ss -i state time-wait '( dport = :443 or sport = :22 )'
"""


def details(row: sockdiag.Row, names: Names, attributes: dict[int, bytes]) -> str:
    """What -e adds."""
    text = f" uid:{row.uid}" if row.uid else ""
    text += f" ino:{row.inode} sk:{row.cookie:x}"
    mark = int.from_bytes(attributes.get(sockdiag.MARK, b""), sys.byteorder)
    if mark:
        text += f" fwmark:{mark:#x}"
    group = int.from_bytes(attributes.get(sockdiag.CGROUP, b""), sys.byteorder)
    if group:
        text += f" cgroup:{names.cgroup(group)}"
    if row.family == socket.AF_INET6 and sockdiag.V6ONLY in attributes:
        text += f" v6only:{attributes[sockdiag.V6ONLY][0]}"
    if sockdiag.SHUTDOWN in attributes:
        shut = attributes[sockdiag.SHUTDOWN][0]
        text += f" {'-' if shut & 1 else '<'}-{'-' if shut & 2 else '>'}"
    return text


def more(row: sockdiag.Row, names: Names, options: dict[str, str]) -> str:
    """What stands behind a connection: timer, details, and on a line of their own memory and tcp_info."""
    text = ""
    # As ss has it, -e is also -o.
    timers = "options" in options or "extended" in options
    if timers and row.timer:
        text += f" timer:({TIMERS[min(row.timer, 5)]},{info.time(row.expires_ms)},{row.retransmits})"
    attributes = row.attributes()
    if "extended" in options:
        text += details(row, names, attributes)
    if not ("memory" in options or "info" in options):
        return text
    behind = []
    if "memory" in options and sockdiag.SKMEMINFO in attributes:
        behind.append(info.memory(attributes[sockdiag.SKMEMINFO]))
    if "info" in options and sockdiag.INFO in attributes:
        behind.append(info.line(info.info(attributes[sockdiag.INFO]), congestion(attributes), timers,
                                "numeric" in options))
    return f"{text}{' ' if 'oneline' in options else chr(10) + chr(9)} {' '.join(behind)}"


def congestion(attributes: dict[int, bytes]) -> str:
    """The name of congestion control."""
    return attributes.get(sockdiag.CONG, b"").rstrip(b"\0").decode(errors="replace")


def state(row: sockdiag.Row) -> str:
    """As ss names it."""
    return sockdiag.STATES[row.state - 1] if row.state <= len(sockdiag.STATES) else "UNKNOWN"


def padded(values: list[object], width: int) -> list[str]:
    """A column, of whose values most are the same."""
    known = {value: f"{value:<{width}} " for value in set(values)}
    return list(map(known.__getitem__, values))


def table(found: list[sockdiag.Row], one_state: bool, options: dict[str, str]) -> list[str]:
    """The lines, with a head unless it is not wanted; loops of Python's own, for there may be thousands."""
    names = Names("numeric" in options)
    who = owners() if "processes" in options else {}
    near, far = names.ends(found)
    head = "Local Address:Port", "Peer Address:Port"
    widths = [max(map(len, (title, *side))) for title, side in zip(head, (near, far))]
    fixed = padded([row.receive for row in found], 6), padded([row.send for row in found], 6)
    if not one_state:
        fixed = padded([state(row) for row in found], 10), *fixed
    start = list(map("".join, zip(*fixed)))
    lines = [f"{first}{source.rjust(widths[0])} {target.rjust(widths[1])}"
             for first, source, target in zip(start, near, far)]
    if who:
        lines = [f"{text} {users(who.get(row.inode, ()))}".rstrip() for text, row in zip(lines, found)]
    if any(key in options for key in ("options", "extended", "memory", "info")):
        lines = [text + more(row, names, options) for text, row in zip(lines, found)]
    if "no-header" not in options:
        title = "".join(f"{one:<{width}} " for one, width in zip(("State", "Recv-Q", "Send-Q")[one_state:],
                                                                 (10, 6, 6)[one_state:]))
        title += f"{head[0]:>{widths[0]}} {head[1]:>{widths[1]}} Process"
        lines.insert(0, coloured(title, "1"))
    return lines


def one(row: sockdiag.Row, names: Names, who: dict[int, list[tuple[str, int, int]]]) -> dict[str, object]:
    """A connection for JSON."""
    attributes = row.attributes()
    made: dict[str, object] = {
        "state": state(row), "recv_q": row.receive, "send_q": row.send,
        "local": row.address(row.source), "local_port": row.local_port,
        "peer": row.address(row.target), "peer_port": row.peer_port,
        "interface": names.devices[row.device][1:] or None,
        "timer": TIMERS[min(row.timer, 5)], "timer_ms": row.expires_ms, "retransmits": row.retransmits,
        "uid": row.uid, "inode": row.inode, "cookie": row.cookie,
    }
    if sockdiag.CONG in attributes:
        made["congestion_control"] = congestion(attributes)
    if sockdiag.INFO in attributes:
        made["info"] = info.info(attributes[sockdiag.INFO])
    if who:
        made["processes"] = [{"name": name, "pid": pid, "fd": fd} for name, pid, fd in who.get(row.inode, ())]
    return made


def summary(found: list[sockdiag.Row], as_json: bool) -> str:
    """How many in each state."""
    each = [state(row) for row in found]
    number = {name: each.count(name) for name in dict.fromkeys(sockdiag.STATES) if name in each}
    if as_json:
        import json

        return json.dumps({"total": len(found), **number}, indent=1)
    text = ", ".join(f"{name} {count}" for name, count in number.items())
    return f"Total: {len(found)}" + (f" ({text})" if text else "")


def run(options: dict[str, str], words: list[str]) -> int:
    """List them."""
    attributes = [sockdiag.SKMEMINFO] if "memory" in options else []
    if "info" in options:
        attributes += [sockdiag.INFO, sockdiag.CONG]
    if "summary" in options:
        options.setdefault("all", "")
    wanted, found = rows(options, words, tuple(attributes))
    if "summary" in options:
        print(summary(found, "json" in options))
    elif "json" in options:
        import json

        names = Names(True)
        who = owners() if "processes" in options else {}
        print(json.dumps([one(row, names, who) for row in found], indent=1))
    else:
        single = wanted & (wanted - 1) == 0 or wanted == STATES["syn-recv"]
        sys.stdout.writelines(f"{line}\n" for line in table(found, single, options))
    return 0


def complete(before: list[str]) -> tuple[str, ...]:
    """The words of a filter."""
    if before and before[-1] in ("state", "exclude"):
        return tuple(STATES)
    return WORDS


COMMAND = Subcommand("[OPTION...] [FILTER]", "List connections, as ss does; without -a or -l those that are\n"
                     "established, opening or closing.", OPTIONS, run, complete, FILTER)
