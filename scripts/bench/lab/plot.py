# SPDX-License-Identifier: GPL-2.0
"""Plots, drawn by gnuplot: each of them as SVG and as PNG."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .experiment import VARIANTS, Point, Results

COLOURS = {"tcp": "#888888", "tuned": "#d08020", "rill": "#2060c0"}
OTHERS = ("#2060c0", "#208040", "#a03080")
BAR = "#c02020"
TERMINALS = {
    "svg": 'svg size {w},{h} font "sans,12" background "#ffffff"',
    "png": 'pngcairo size {w},{h} font "sans,10"',
}


@dataclass
class Line:
    """A curve; a bar is drawn thin and red."""

    title: str
    xy: list[tuple[float, float]]
    dashed: bool = False
    bar: bool = False
    colour: str = ""


@dataclass
class Panel:
    """One of the diagrams of a plot."""

    title: str
    lines: list[Line]


def panel_lines(
    points: list[Point], key: str, results: Results, figure: str, dashed: bool = False
) -> list[Line]:
    """A curve of a figure over one parameter, for each variant."""
    lines = []
    for variant in VARIANTS.values():
        values = ((float(p[key]), results.get(p, variant.name, figure)) for p in points)
        xy = [(x, y) for x, y in values if y is not None]
        title = "" if dashed else variant.title
        lines.append(Line(title, xy, dashed, colour=COLOURS[variant.name]))
    return lines


def draw(
    title: str, panels: list[Panel], xlabel: str, ylabel: str, extra: str = "", columns: int = 1
) -> str:
    """A gnuplot program without the words that say what it writes to."""
    rows = -(-len(panels) // columns)
    program = [
        f"# size {560 * columns if columns > 1 else 760} {60 + 330 * rows}",
        f"set multiplot layout {rows},{columns} title {quoted(title)}",
        "set grid\nset key top left",
        f"set xlabel {quoted(xlabel)}\nset ylabel {quoted(ylabel)}\n{extra}",
    ]
    for number, panel in enumerate(panels):
        curves = []
        for index, line in enumerate(line for line in panel.lines if line.xy):
            block = f"$p{number}_{index}"
            rows_text = "\n".join(f"{x:g} {y:g}" for x, y in line.xy)
            program.append(f"{block} << end\n{rows_text}\nend")
            colour = BAR if line.bar else line.colour or OTHERS[index % len(OTHERS)]
            style = "lines dt 3" if line.bar else "linespoints pt 7 ps 0.6"
            style += " dt 2 lw 1" if line.dashed else "" if line.bar else " lw 2"
            key = f"title {quoted(line.title)}" if line.title else "notitle"
            curves.append(f"{block} using 1:2 {key} with {style} lc rgb {quoted(colour)}")
        program.append(f"set title {quoted(panel.title)}")
        if curves:
            program.append("plot " + ", \\\n  ".join(curves))
    program.append("unset multiplot")
    return "\n".join(program) + "\n"


def bars(
    title: str,
    groups: Sequence[tuple[str, dict[str, float]]],
    ylabel: str,
    marks: Sequence[float] = (),
    extra: str = "",
) -> str:
    """Groups of boxes, a box for each name in a group."""
    names = list(dict.fromkeys(name for _, group in groups for name in group))
    data = [
        " ".join([quoted(label), *(f"{group.get(name, float('nan')):g}" for name in names)])
        for label, group in groups
    ]
    program = [
        f"# size {max(760, 130 * len(groups))} 420",
        f"set title {quoted(title)}\nset ylabel {quoted(ylabel)}",
        "set grid y\nset style data histogram\nset style histogram cluster gap 1",
        "set style fill solid 0.8\nset boxwidth 0.9\nset yrange [0:*]\nset key top left",
        extra,
        "$data << end\n" + "\n".join(data) + "\nend",
    ]
    boxes = []
    for index, name in enumerate(names):
        colour = COLOURS.get(name, OTHERS[index % len(OTHERS)])
        shown = VARIANTS[name].title if name in VARIANTS else name
        boxes.append(
            f"$data using {index + 2}:xtic(1) title {quoted(shown)} lc rgb {quoted(colour)}"
        )
    boxes += [f"{mark:g} notitle with lines dt 3 lc rgb {quoted(BAR)}" for mark in marks]
    program.append("plot " + ", \\\n  ".join(boxes))
    return "\n".join(program) + "\n"


def bars_of(points: list[Point], key: str, results: Results, figure: str) -> list[
    tuple[str, dict[str, float]]
]:
    """Groups for bars(): a figure of all variants, by one parameter."""
    groups = []
    for point in points:
        values = {name: results.get(point, name, figure) for name in VARIANTS}
        group = {name: value for name, value in values.items() if value is not None}
        groups.append((point[key], group))
    return groups


def quoted(text: str) -> str:
    """A string for gnuplot, in which nothing is special."""
    for char in "_^@{}~":
        text = text.replace(char, "\\" + char)
    return "'" + text.replace("'", "''") + "'"


def render(program: str, stem: Path) -> str | None:
    """Write STEM.gp, STEM.svg and STEM.png; what went wrong, or None."""
    first = program.split("\n", 1)[0].split()
    width, height = first[2], first[3]
    stem.with_suffix(".gp").write_text(program)
    for suffix, terminal in TERMINALS.items():
        words = terminal.format(w=width, h=height)
        head = f"set terminal {words}\nset output {quoted_path(stem.with_suffix('.' + suffix))}\n"
        done = subprocess.run(
            ["gnuplot"], input=head + program, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return done.stderr.strip().split("\n")[-1]
    return None


def quoted_path(path: Path) -> str:
    """A file name for gnuplot."""
    return "'" + str(path).replace("'", "''") + "'"
