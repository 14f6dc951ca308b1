# SPDX-License-Identifier: GPL-2.0
"""The CPU's work: what a processor that executes 10^9 instructions a second
does, counted in a virtual machine, for TCP, rill and SCTP.

loopback  one stream over the loopback device
veth      one stream between two namespaces
pingpong  one byte there and back, on one connection
connect   connect, one byte there and back, close

Sender and receiver share the processor. There is no bar: TCP has segmentation
offload. All cases are one boot, by scripts/bench/cpu.
"""

from typing import Any

from ..experiment import RILL, TCP, Figures, Output, Point, Result, Results, Row, Settings, Variant
from ..plot import bars

SCTP = 132
NAMES = {TCP: "tcp", RILL: "rill", SCTP: "sctp"}
UNITS = {"loopback": "Gbit/s", "veth": "Gbit/s", "pingpong": "/s", "connect": "/s"}


class Cpu:
    """See above."""

    name = "cpu"
    title = "CPU"
    variants: tuple[str, ...] = ("rill",)
    repeats = 1

    def points(self) -> list[Point]:
        return [{"case": case} for case in UNITS]

    def job(self, point: Point, variant: Variant, settings: Settings) -> str:
        raise NotImplementedError

    def measure(self, point: Point, variant: Variant, output: Output) -> Figures:
        raise NotImplementedError

    def results(self, lines: list[dict[str, Any]]) -> list[Result]:
        """From what scripts/bench/cpu prints."""
        results = []
        for line in lines:
            result = line["result"]
            if result is None:
                continue
            if "in_time" in result:
                rate = result["bytes"] * 8 / max(result["last_ns"])
            else:
                rate = result["count"] * 1e9 / result["ns"]
            point = {"case": line["case"]}
            results.append(Result(self.name, point, NAMES[line["protocol"]], {"rate": rate}))
        return results

    def rows(self, points: list[Point], results: Results) -> list[Row]:
        rows = []
        for point in points:
            row = results.row(self.name, point, "rate", UNITS[point["case"]])
            sctp = results.get(point, "sctp", "rate")
            if sctp is not None:
                row.figure += f" (SCTP: {sctp:.4g})"
            rows.append(row)
        return rows

    def plot(self, points: list[Point], results: Results) -> str:
        groups = []
        for point in points:
            rates = {name: results.get(point, name, "rate") for name in NAMES.values()}
            tcp = rates["tcp"]
            if tcp:
                group = {name: rate / tcp for name, rate in rates.items() if rate is not None}
                groups.append((point["case"], group))
        return bars("Rate on a counted processor, TCP = 1", groups, ylabel="ratio")
