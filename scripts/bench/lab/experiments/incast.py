# SPDX-License-Identifier: GPL-2.0
"""Incast: 1 MiB in all from N senders at once, through a port of 1 Gbit/s with
64 KiB of buffer, with 40 us of delay.

Connections are persistent, and a round begins when the one before is complete
on all of them. Goodput is over all rounds; the percentiles are of rounds.
"""

from ..experiment import Figures, Output, Point, Results, Row, Settings, Variant, percentiles
from ..job import alone, received, retransmissions
from ..network import Network, Qdisc
from ..plot import Line, Panel, draw, panel_lines

TOTAL = 1 << 20
ROUNDS = 300
GOODPUT_LEAST = 800.0  # Mbit/s
P99_MOST = 12000.0  # us


class Incast:
    """See above."""

    name = "incast"
    title = "Incast"
    variants: tuple[str, ...] = ("tcp", "tuned", "rill")
    repeats = 1

    def points(self) -> list[Point]:
        return [{"n": str(1 << power)} for power in range(7)]

    def job(self, point: Point, variant: Variant, settings: Settings) -> str:
        network = Network(
            hosts="sbc",
            qdiscs=[
                Qdisc("b", "c", "tbf rate 1gbit burst 3028 limit 65536"),
                Qdisc("b", "s", "netem limit 100000 delay 40us"),
            ],
            route=variant.route,
            tunables=settings.tunables,
        )
        senders = int(point["n"])
        options = (
            f"--connections {senders} --requests {settings.scaled(ROUNDS)}"
            f" --size {TOTAL // senders} --barrier --samples samples"
        )
        return alone(network, variant, "fetch", options, senders)

    def measure(self, point: Point, variant: Variant, output: Output) -> Figures:
        client = received(output, variant.protocol)
        senders = int(point["n"])
        rounds = sorted(output.samples("samples")[senders :: senders + 1])
        return {
            "goodput": client["bytes"] * 8e3 / client["ns"],
            **percentiles(rounds, "p50", "p99"),
            "rounds": len(rounds),
            "drops": output.drops("b"),
            **retransmissions(output, variant.protocol),
        }

    def rows(self, points: list[Point], results: Results) -> list[Row]:
        rows = []
        for point in points:
            row = results.row(self.name, point, "goodput", "Mbit/s")
            rows.append(row.least(GOODPUT_LEAST, f"{GOODPUT_LEAST:.0f}"))
            row = results.row(self.name, point, "p99", "us")
            rows.append(row.most(P99_MOST, f"{P99_MOST:.0f}"))
        return rows

    def plot(self, points: list[Point], results: Results) -> str:
        ends = [float(p["n"]) for p in (points[0], points[-1])]
        bar = Line("bar", [(end, GOODPUT_LEAST) for end in ends], bar=True)
        panels = [Panel("", [*panel_lines(points, "n", results, "goodput"), bar])]
        return draw(
            "Incast: goodput of 1 MiB from N senders through 1 Gbit/s, 64 KiB of buffer",
            panels,
            xlabel="senders",
            ylabel="Mbit/s",
            extra="set logscale x 2\nset yrange [0:1000]",
        )
