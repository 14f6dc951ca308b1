# SPDX-License-Identifier: GPL-2.0
"""What all experiments have in common: points, variants, figures, rows."""

import math
from dataclasses import dataclass, field
from typing import Protocol

from .machine import Output

TCP = 6
RILL = 253
NAMES = {TCP: "tcp", RILL: "rill"}
QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}

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

    def least(self, bar: float, shown: str) -> "Row":
        """rill is to reach the bar."""
        self.bar = f">= {shown}"
        self.ok = self.rill >= bar if self.rill is not None else None
        return self

    def most(self, bar: float, shown: str) -> "Row":
        """rill is not to exceed the bar."""
        self.bar = f"<= {shown}"
        self.ok = self.rill <= bar if self.rill is not None else None
        return self


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


def percentiles(ordered: list[int], *names: str) -> Figures:
    """Those of these names and the longest, in us, of an ordered list of ns."""
    figures = {name: percentile(ordered, QUANTILES[name]) / 1000 for name in names}
    return {**figures, "max": ordered[-1] / 1000}


def geometric_mean(values: list[float]) -> float:
    """Of positive values."""
    return math.exp(sum(math.log(value) for value in values) / len(values))


def jain(values: list[float]) -> float:
    """Jain's index: 1 if all have the same, 1/n if one has all."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 0.0
