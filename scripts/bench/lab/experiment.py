# SPDX-License-Identifier: GPL-2.0
"""What all experiments have in common: points, variants, jobs, rows."""

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

from .machine import Output, RunError
from .network import SERVER, Network, statistics

TCP = 6
RILL = 253
NAMES = {TCP: "tcp", RILL: "rill"}

# A point is named by its parameters, a figure by its name.
Point = dict[str, str]
Figures = dict[str, float]


@dataclass(frozen=True)
class Variant:
    """One competitor."""

    name: str
    title: str
    protocol: int
    route: str = ""


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("tcp", "TCP", TCP),
        Variant("tuned", "TCP tuned", TCP, "rto_min 1ms quickack 1"),
        Variant("rill", "rill", RILL),
    )
}


@dataclass(frozen=True)
class Settings:
    """What the command line says that changes jobs."""

    scale: float = 1.0
    tunables: dict[str, str] = field(default_factory=dict)

    def scaled(self, count: float, least: int = 1) -> int:
        """So many, at this scale."""
        return max(least, round(count * self.scale))


@dataclass
class Result:
    """The figures of one point and variant."""

    experiment: str
    point: Point
    variant: str
    figures: Figures


@dataclass
class Row:
    """One line of the closing table; ok is None where there is no bar."""

    experiment: str
    figure: str
    unit: str
    tcp: float | None
    tuned: float | None
    rill: float | None
    bar: str = ""
    ok: bool | None = None


class Results:
    """All results of one experiment, by point and variant."""

    def __init__(self, results: list[Result]) -> None:
        self._by_key = {(_key(r.point), r.variant): r.figures for r in results}

    def get(self, point: Point, variant: str, figure: str) -> float | None:
        """A figure, or None if that was not measured."""
        return self._by_key.get((_key(point), variant), {}).get(figure)

    def row(self, experiment: str, point: Point, figure: str, unit: str) -> Row:
        """A row without a bar."""
        name = " ".join(f"{key}={value}" for key, value in point.items())
        tcp, tuned, rill = (self.get(point, v, figure) for v in VARIANTS)
        return Row(experiment, f"{name} {figure}", unit, tcp, tuned, rill)


class Experiment(Protocol):
    """One of the modules in experiments/."""

    name: str
    title: str
    variants: tuple[str, ...]
    # Runs of which the mean counts, each with random numbers of its own.
    repeats: int

    def points(self) -> list[Point]: ...

    def job(self, point: Point, variant: Variant, settings: Settings) -> str: ...

    def measure(self, point: Point, variant: Variant, output: Output) -> Figures: ...

    def rows(self, points: list[Point], results: Results) -> list[Row]: ...

    def plot(self, points: list[Point], results: Results) -> str: ...


def _key(point: Point) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(point.items()))


def microseconds(text: str) -> int:
    """The value of "100us" or "2ms"."""
    for unit, factor in (("us", 1), ("ms", 1000)):
        if text.endswith(unit):
            return round(float(text[: -len(unit)]) * factor)
    raise ValueError(text)


def percentile(ordered: list[int], quantile: float) -> float:
    """The nearest rank of an ordered list."""
    return ordered[max(0, math.ceil(quantile * len(ordered)) - 1)]


def geometric_mean(values: list[float]) -> float:
    """Of positive values."""
    return math.exp(sum(math.log(value) for value in values) / len(values))


def jain(values: list[float]) -> float:
    """Jain's index: 1 if all have the same, 1/n if one has all."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 0.0


def begin(network: Network, protocols: set[int]) -> str:
    """The first part of a job: the module, if there is need of it, the net."""
    lines = ["echo 268435456 >/proc/sys/net/core/rmem_max"]
    lines.append("echo 268435456 >/proc/sys/net/core/wmem_max")
    if RILL in protocols:
        lines.append("insmod ./rill.ko")
    return "\n".join(lines) + "\n" + network.script()


def serve(protocol: int, connections: int, options: str = "") -> str:
    """Start the server, which ends by itself."""
    name = NAMES[protocol]
    return (
        f"ip netns exec s ./traffic serve --protocol {protocol} --connections {connections}"
        f" {options} >{name}.server 2>{name}.server.err &\nserver_{name}=$!\n"
    )


def ask(protocol: int, mode: str, options: str, address: str = SERVER) -> str:
    """The command of a client."""
    return (
        f"ip netns exec c ./traffic {mode} --protocol {protocol} --address {address}"
        f" {options} >{NAMES[protocol]}.client"
    )


def finish(network: Network, protocols: set[int]) -> str:
    """The last part of a job: the servers have ended, and what was counted."""
    waits = "".join(f"wait $server_{NAMES[p]}\n" for p in sorted(protocols))
    return waits + statistics(network.hosts)


def received(output: Output, protocol: int) -> dict[str, Any]:
    """What the client says, if no byte was lost between it and the server."""
    client = output.json(f"{NAMES[protocol]}.client")
    server = output.json(f"{NAMES[protocol]}.server")
    if client["bytes"] != server["bytes"]:
        raise RunError(f"{server['bytes']} bytes sent, {client['bytes']} received")
    return client


def retransmissions(output: Output, protocol: int) -> Figures:
    """What the server's side counted."""
    if protocol == RILL:
        counters = output.rill("s")
        return {
            "segs": counters["out_segs"],
            "retrans": counters["retrans_segs"],
            "timeouts": counters["rto_timeouts"],
        }
    counters = output.tcp("s")
    return {
        "segs": counters["OutSegs"],
        "retrans": counters["RetransSegs"],
        "timeouts": counters["TCPTimeouts"],
    }
