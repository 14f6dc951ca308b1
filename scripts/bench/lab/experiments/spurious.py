# SPDX-License-Identifier: GPL-2.0
"""Spurious retransmissions: nothing is lost, so what is sent again is in vain.

jitter   50 Mbit/s, 40 ms each way, +-20 ms towards the client, which reorders
reorder  50 Mbit/s, 10 ms each way, 5 % of packets overtake all others
delack   one message at a time, so that the receiver delays each ACK as long as
         it may: 1 ms, rill's default, or 200 ms

The receive buffers (2 MiB) hold more than the path, and the router's queue
more than the buffers. A packet that a queue dropped all the same is taken off
the retransmissions.
"""

from ..experiment import Figures, Output, Point, Results, Row, Settings, Variant
from ..job import alone, received, retransmissions
from ..network import Network, Qdisc
from ..plot import bars, bars_of

SPURIOUS_MOST = 1.0  # percent
BUFFERS = 2 << 20
RATE = "tbf rate 50mbit burst 3028 limit 8mb"

# Towards the client, and back.
PATHS = {
    "jitter": ("netem limit 100000 delay 40ms 20ms", "netem limit 100000 delay 40ms"),
    "reorder": ("netem limit 100000 delay 10ms reorder 5%", "netem limit 100000 delay 10ms"),
    "delack-1ms": ("netem limit 100000 delay 500us", "netem limit 100000 delay 500us"),
    "delack-200ms": ("netem limit 100000 delay 500us", "netem limit 100000 delay 500us"),
}
# Duration in s, and what the client asks for.
BULK = (30, "")
TRAFFIC = {
    "delack-1ms": (60, "--chunk 1000 --interval 10000"),
    "delack-200ms": (600, "--chunk 1000 --interval 500000"),
}


class Spurious:
    """See above."""

    name = "spurious"
    title = "Spurious retransmissions"
    variants: tuple[str, ...] = ("tcp", "tuned", "rill")
    repeats = 3

    def points(self) -> list[Point]:
        return [{"case": case} for case in PATHS]

    def job(self, point: Point, variant: Variant, settings: Settings) -> str:
        case = point["case"]
        forth, back = PATHS[case]
        tunables = dict(settings.tunables)
        if case == "delack-200ms":
            tunables["delack_max_us"] = "200000"
        network = Network(
            hosts="sabc",
            qdiscs=[Qdisc("a", "b", RATE), Qdisc("b", "c", forth), Qdisc("a", "s", back)],
            route=variant.route,
            buffers=BUFFERS,
            tunables=tunables,
        )
        seconds, options = TRAFFIC.get(case, BULK)
        options += f" --duration {settings.scaled(seconds) * 1000000}"
        return alone(network, variant, "stream", options)

    def measure(self, point: Point, variant: Variant, output: Output) -> Figures:
        client = received(output, variant.protocol)
        counted = retransmissions(output, variant.protocol)
        drops = output.drops("a") + output.drops("b")
        spurious = max(0.0, counted["retrans"] - drops)
        return {
            "spurious": 100 * spurious / counted["segs"],
            "throughput": client["bytes"] * 8e3 / client["last_ns"][0],
            "drops": drops,
            **counted,
        }

    def rows(self, points: list[Point], results: Results) -> list[Row]:
        rows = []
        for point in points:
            row = results.row(self.name, point, "spurious", "%")
            row.bar = f"< {SPURIOUS_MOST:g}"
            row.ok = row.rill < SPURIOUS_MOST if row.rill is not None else None
            rows.append(row)
            row = results.row(self.name, point, "throughput", "Mbit/s")
            if row.tcp is not None:
                # To three digits: the last ACK's time is no throughput.
                row.least(row.tcp * 0.999, f"{row.tcp:.3g}")
            rows.append(row)
        return rows

    def plot(self, points: list[Point], results: Results) -> str:
        return bars(
            "Segments sent again though nothing was lost",
            bars_of(points, "case", results, "spurious"),
            ylabel="%",
            marks=[SPURIOUS_MOST],
        )
