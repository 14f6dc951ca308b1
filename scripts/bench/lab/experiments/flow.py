# SPDX-License-Identifier: GPL-2.0
"""Flow completion: 32 clients, 128-byte requests, answers of 16 KiB, one after
the other, through a router that loses packets both ways.

On persistent connections the latency is from the request to the last byte; on
new ones from connect() on, and rill's first RTO is 3 ms. The path has no rate:
what is slow is slow because of loss alone.
"""

from ..experiment import (
    Figures, Output, Point, Results, Row, Settings, Variant, microseconds, percentiles,
)  # fmt: skip
from ..job import alone, received, retransmissions
from ..network import Network, Qdisc
from ..plot import Panel, draw, panel_lines

CLIENTS = 32
SIZE = 16384
MODES = ("persistent", "new")
RTTS = ("100us", "2ms")
LOSSES = ("0.1", "1", "3")
PERCENTILES = ("p50", "p99", "p99.9")

# What the issue fixes: (mode, rtt, loss, figure): us. All others are half of
# tuned TCP's 99.9th percentile.
FIXED = {
    ("persistent", "100us", "1", "p99"): 1000.0,
    ("persistent", "100us", "1", "p99.9"): 3000.0,
    ("persistent", "2ms", "1", "p99.9"): 12000.0,
}
# Tuned TCP's where the lab had it reconnect in milliseconds; us.
NEW_MOST = {("100us", "1"): 10000.0}


class Flow:
    """See above."""

    name = "flow"
    title = "Flow completion"
    variants: tuple[str, ...] = ("tcp", "tuned", "rill")
    repeats = 1

    def points(self) -> list[Point]:
        return [
            {"mode": mode, "rtt": rtt, "loss": loss}
            for mode in MODES
            for rtt in RTTS
            for loss in LOSSES
        ]

    def job(self, point: Point, variant: Variant, settings: Settings) -> str:
        fresh = point["mode"] == "new"
        half = microseconds(point["rtt"]) // 2
        path = f"netem limit 100000 delay {half}us loss random {point['loss']}%"
        network = Network(
            hosts="sbc",
            qdiscs=[Qdisc("b", "c", path), Qdisc("b", "s", path)],
            route=variant.route,
            tunables={**({"rto_initial_us": "3000"} if fresh else {}), **settings.tunables},
        )
        # Each new connection leaves a port in TIME_WAIT.
        requests = settings.scaled(1500 if not fresh else 1000)
        connections = CLIENTS * requests if fresh else CLIENTS
        options = f"--connections {CLIENTS} --requests {requests} --size {SIZE} --samples samples"
        if fresh:
            options += " --fresh"
        return alone(network, variant, "fetch", options, connections)

    def measure(self, point: Point, variant: Variant, output: Output) -> Figures:
        client = received(output, variant.protocol)
        ordered = sorted(output.samples("samples"))
        assert len(ordered) == client["requests"]
        return {
            **percentiles(ordered, *PERCENTILES),
            "requests": len(ordered),
            "drops": output.drops("b"),
            **retransmissions(output, variant.protocol),
        }

    def rows(self, points: list[Point], results: Results) -> list[Row]:
        return [
            self._judge(results.row(self.name, point, figure, "us"), point, figure)
            for point in points
            for figure in PERCENTILES
        ]

    def _judge(self, row: Row, point: Point, figure: str) -> Row:
        fixed = FIXED.get((point["mode"], point["rtt"], point["loss"], figure))
        if fixed is not None:
            bar: float | None = fixed
        elif figure == "p99.9" and row.tuned is not None:
            bar = row.tuned / 2
            if point["mode"] == "new":
                bar = min(bar, NEW_MOST.get((point["rtt"], point["loss"]), bar))
        elif figure == "p50" and row.tuned is not None:
            # The clock of the guests moves on by a quarter of a microsecond
            # each time that it is read, which a new connection does for each
            # of its timers.
            bar = row.tuned + (1 if point["mode"] == "persistent" else 2)
        else:
            bar = None
        return row if bar is None else row.most(bar, f"{bar:.0f}")

    def plot(self, points: list[Point], results: Results) -> str:
        panels = []
        for mode in MODES:
            for rtt in RTTS:
                here = [p for p in points if p["mode"] == mode and p["rtt"] == rtt]
                lines = [
                    *panel_lines(here, "loss", results, "p99.9"),
                    *panel_lines(here, "loss", results, "p50", dashed=True),
                ]
                panels.append(Panel(f"{mode} connections, RTT {rtt}", lines))
        return draw(
            "Completion of 16 KiB: 99.9th percentile (solid) and median (dashed)",
            panels,
            xlabel="loss each way, %",
            ylabel="us",
            extra="set logscale xy\nset yrange [50:*]\nset xrange [0.08:4]\nset xtics (0.1, 1, 3)",
            columns=2,
        )
