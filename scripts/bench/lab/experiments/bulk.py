# SPDX-License-Identifier: GPL-2.0
"""Bulk under loss: the goodput of one stream on a grid of rate, round-trip time
and loss (of data), beside TCP CUBIC's.

The bottleneck's buffer is the bandwidth-delay product, at least 64 KiB; socket
buffers may grow to 128 MiB on both ends, so that they limit neither. A point
lasts until about as many packets are sent as at the other points, for the same
confidence; the goodput is what arrives within that time.
"""

import math

from ..experiment import Figures, Output, Point, Results, Row, Settings, Variant, geometric_mean
from ..job import alone, received, retransmissions
from ..network import Network, Qdisc
from ..plot import Line, Panel, draw

RATES = ("10", "100", "1000")  # Mbit/s
RTTS = ("1", "10", "40", "200")  # ms
LOSSES = ("0", "0.1", "1", "3")  # %
BUFFERS = 128 << 20
MSS = 1448
PACKETS = 50000
SECONDS_LEAST = 8
SECONDS_MOST = 1500
RATIO_LEAST = 0.9
MEAN_LEAST = 1.0


def duration_s(point: Point, scale: float) -> int:
    """So long that about PACKETS packets are sent."""
    rtt = float(point["rtt"]) / 1000
    loss = float(point["loss"]) / 100
    pace = float(point["rate"]) * 1e6 / 8 / MSS
    if loss:
        # Mathis et al.: what loss allows.
        pace = min(pace, 1.3 / (rtt * math.sqrt(loss)))
    least = max(SECONDS_LEAST, 100 * rtt)
    return round(min(SECONDS_MOST, max(least, scale * PACKETS / pace)))


class Bulk:
    """See above."""

    name = "bulk"
    title = "Bulk under loss"
    variants: tuple[str, ...] = ("tcp", "rill")
    repeats = 1

    def points(self) -> list[Point]:
        return [
            {"rate": rate, "rtt": rtt, "loss": loss}
            for rate in RATES
            for rtt in RTTS
            for loss in LOSSES
        ]

    def job(self, point: Point, variant: Variant, settings: Settings) -> str:
        half = float(point["rtt"]) * 500
        product = float(point["rate"]) * 1e6 / 8 * float(point["rtt"]) / 1000
        loss = f" loss random {point['loss']}%" if point["loss"] != "0" else ""
        rate = f"tbf rate {point['rate']}mbit burst 3028 limit {max(65536, round(product))}"
        network = Network(
            hosts="sabc",
            qdiscs=[
                Qdisc("a", "b", rate),
                Qdisc("b", "c", f"netem limit 1000000 delay {half:.0f}us{loss}"),
                Qdisc("a", "s", f"netem limit 1000000 delay {half:.0f}us"),
            ],
            route=variant.route,
            buffers=BUFFERS,
            tunables=settings.tunables,
        )
        seconds = duration_s(point, settings.scale)
        job = alone(network, variant, "stream", f"--duration {seconds * 1000000}")
        return job + f"echo '{{\"seconds\": {seconds}}}' >duration\n"

    def measure(self, point: Point, variant: Variant, output: Output) -> Figures:
        client = received(output, variant.protocol)
        seconds = output.json("duration")["seconds"]
        return {
            "goodput": client["in_time"][0] * 8 / seconds / 1e6,
            "seconds": seconds,
            "drops": output.drops("a") + output.drops("b"),
            **retransmissions(output, variant.protocol),
        }

    def rows(self, points: list[Point], results: Results) -> list[Row]:
        rows = []
        ratios = []
        for point in points:
            row = results.row(self.name, point, "goodput", "Mbit/s")
            if row.tcp:
                least = RATIO_LEAST * row.tcp
                row.least(least, f"{least:.3g}")
                if row.rill is not None:
                    ratios.append(max(row.rill, 1e-6) / row.tcp)
            rows.append(row)
        if ratios:
            mean = geometric_mean(ratios)
            row = Row(self.name, "rill / TCP, geometric mean", "", 1.0, None, mean)
            rows.append(row.least(MEAN_LEAST, f"{MEAN_LEAST:.2f}"))
        return rows

    def plot(self, points: list[Point], results: Results) -> str:
        panels = []
        for loss in LOSSES:
            lines = [Line("bar", [(1, RATIO_LEAST), (200, RATIO_LEAST)], bar=True)]
            for rate in RATES:
                xy = []
                for point in points:
                    if point["loss"] != loss or point["rate"] != rate:
                        continue
                    tcp = results.get(point, "tcp", "goodput")
                    rill = results.get(point, "rill", "goodput")
                    if tcp and rill is not None:
                        xy.append((float(point["rtt"]), rill / tcp))
                lines.append(Line(f"{rate} Mbit/s", xy))
            panels.append(Panel(f"loss {loss} %", lines))
        return draw(
            "Goodput of one stream, rill / TCP CUBIC",
            panels,
            xlabel="RTT, ms",
            ylabel="ratio",
            extra="set logscale x\nset xrange [0.8:250]\nset xtics (1, 10, 40, 200)\n"
            "set yrange [0:*]",
            columns=2,
        )
