# SPDX-License-Identifier: GPL-2.0
"""The closing table, for the terminal and for a page in Markdown."""

from .experiment import Row

HEAD = ("figure", "unit", "TCP", "TCP tuned", "rill", "bar", "")


def number(value: float | None) -> str:
    """Three digits, or all digits before the point."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def verdict(row: Row) -> str:
    """ok, MISS, or nothing where there is no bar."""
    if row.bar and row.rill is None:
        return "not measured"
    return {None: "", True: "ok", False: "MISS"}[row.ok]


def cells(row: Row) -> tuple[str, ...]:
    """The row as text."""
    figures = (number(value) for value in (row.tcp, row.tuned, row.rill))
    return (f"{row.experiment} {row.figure}", row.unit, *figures, row.bar, verdict(row))


def text(rows: list[Row]) -> str:
    """Columns by blanks."""
    lines = [HEAD, *(cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    out = []
    for line in lines:
        parts = [
            cell.rjust(width) if 2 <= i <= 4 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        ]
        out.append("  ".join(parts).rstrip())
    return "\n".join(out) + "\n"


def markdown(rows: list[Row]) -> str:
    """A table for scripts/bench/README.md."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---|---|---:|---:|---:|---|---|"]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"
