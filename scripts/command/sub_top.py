# SPDX-License-Identifier: GPL-2.0
"""rill top: the connections that do most."""

import gc
import sys
import time
from collections import Counter, namedtuple

import info
import sockdiag
from command import NAMESPACE, Option, Problem, Subcommand, count, seconds
from listing import FAMILY, PORTS, Names, coloured, rows
from sub_ss import FILTER, complete, state

OPTIONS = (
    Option("d", "delay", "between two looks, default 1", "SECONDS"),
    Option("c", "count", "so many looks, then end", "COUNT"),
    Option("k", "key", "by which to sort: out, in, retrans, rtt, cwnd, unacked, queue", "KEY"),
    Option("l", "lines", "so many connections, default what fits", "COUNT"),
    PORTS,
    Option("b", "batch", "one look below the other, as without a terminal"),
    *FAMILY,
    NAMESPACE,
)


class Line(namedtuple("Line", "row out into retrans rtt cwnd unacked")):
    """A connection, and what it did in a second."""

    __slots__ = ()

    @property
    def queue(self) -> int:
        """What waits in it."""
        return self.row.send + self.row.receive


KEYS = {"out": "out", "in": "into", "retrans": "retrans", "rtt": "rtt", "cwnd": "cwnd", "unacked": "unacked",
        "queue": "queue"}
Infos = dict[int, info.Info]


def look(options: dict[str, str], words: list[str]) -> tuple[list[sockdiag.Row], Infos]:
    """All connections now, and what is known of each, by its cookie."""
    _, found = rows(options, words, (sockdiag.INFO,))
    infos = {}
    for row in found:
        raw = row.attributes().get(sockdiag.INFO)
        if raw:
            infos[row.cookie] = info.info(raw)
    return found, infos


def lines(found: list[sockdiag.Row], now: Infos, before: Infos, took: float) -> list[Line]:
    """What each did since the look before; of one that was not there nothing is known."""
    made = []
    for row in found:
        one = now.get(row.cookie)
        if not one or row.state == sockdiag.LISTEN:
            continue
        then = before.get(row.cookie, one)
        out, into, again = (max(one[name] - then[name], 0) / took
                            for name in ("bytes_acked", "bytes_received", "total_retrans"))
        made.append(Line(row, out * 8, into * 8, again, one["rtt"] / 1000, one["snd_cwnd"], one["unacked"]))
    return made


def shown(found: list[sockdiag.Row], each: list[Line], key: str, names: Names, height: int) -> list[str]:
    """A look, as lines."""
    number = Counter(map(state, found))
    states = ", ".join(f"{name} {number[name]}" for name in dict.fromkeys(sockdiag.STATES) if number[name])
    head = (f"{time.strftime('%H:%M:%S')}  {len(found)} connections" + (f" ({states})" if states else ""),
            f"out {info.rate(sum(one.out for one in each), False)}bps, in "
            f"{info.rate(sum(one.into for one in each), False)}bps, "
            f"{sum(one.retrans for one in each):.1f} segments retransmitted a second")
    each.sort(key=lambda one: getattr(one, KEYS[key]), reverse=True)
    each = each[:max(height - 4, 0)]
    ends = names.ends([one.row for one in each])
    near, far = (max(map(len, ("Local Address", *side))) for side in ends)
    line = f"%-10s %{near}s %{far}s %9s %9s %9s %9s %6s %7s %8s"
    text = [*head, "", line % ("State", "Local Address", "Peer Address", "Out", "In", "Retrans/s", "RTT ms", "Cwnd",
                               "Unacked", "Queue")]
    for one, source, target in zip(each, *ends):
        text.append(line % (state(one.row), source, target, info.rate(one.out, False), info.rate(one.into, False),
                            f"{one.retrans:.1f}", f"{one.rtt:.3f}", one.cwnd, one.unacked, one.queue))
    return text


def screen(options: dict[str, str], whole: bool) -> tuple[int, int]:
    """Lines and columns that there are for one look; a window may change its size."""
    import shutil

    columns, lines = shutil.get_terminal_size() if whole else (sys.maxsize, sys.maxsize)
    return min(count(options["lines"]) + 4 if "lines" in options else lines, lines - 1), columns


def run(options: dict[str, str], words: list[str]) -> int:
    """Look, wait, and look again."""
    key, wait = options.get("key", "out"), seconds(options.get("delay", "1"))
    left = count(options.get("count", "999999999"))
    if key not in KEYS:
        raise Problem(f"'{key}' is no key (one of: {' '.join(KEYS)})")
    whole = sys.stdout.isatty() and "batch" not in options
    names = Names("numeric" in options)
    screen(options, whole)
    _, before = look(options, words)
    then = time.monotonic()
    for turn in range(left):
        time.sleep(wait)
        found, now = look(options, words)
        at = time.monotonic()
        height, columns = screen(options, whole)
        text = [one[:columns] for one in shown(found, lines(found, now, before, at - then), key, names, height)]
        text[3] = coloured(text[3], "1")
        # Over what was there, so that nothing flickers.
        print("\033[H" + "".join(f"{one}\033[K\n" for one in text) + "\033[J" if whole else
              "\n".join(text) + ("\n" if turn + 1 < left else ""), end="" if whole else "\n", flush=True)
        before, then = now, at
        gc.collect()
    return 0


COMMAND = Subcommand("[OPTION...] [FILTER]", """
Show the connections that do most, again and again: what they sent and received
in a second, what they retransmitted, their round-trip time, congestion window,
segments in flight and bytes in their queues. ^C ends it.
""", OPTIONS, run, complete, FILTER.replace("rill ss -i state", "rill top state"))
