# SPDX-License-Identifier: GPL-2.0
"""The command behind scripts/bench/run: choose, measure, judge, draw."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from types import FrameType

from . import table
from .experiment import (
    VARIANTS,
    Experiment,
    Figures,
    Point,
    Result,
    Results,
    Row,
    Settings,
)
from .experiments import EXPERIMENTS
from .experiments.cpu import Cpu
from .machine import Machine, RunError, kill_guests
from .plot import render

# Of the guests: TCP's timeouts are counted in it.
HZ = 250


@dataclass(frozen=True)
class Task:
    """One boot of a guest."""

    experiment: Experiment
    point: Point
    variant: str

    @property
    def name(self) -> str:
        words = " ".join(f"{key}={value}" for key, value in self.point.items())
        return f"{self.experiment.name} {words} {self.variant}"

    def matches(self, result: Result) -> bool:
        """Is that its result?"""
        return (result.experiment, result.point, result.variant) == (
            self.experiment.name, self.point, self.variant,
        )  # fmt: skip


def say(text: str) -> None:
    """Progress goes to stderr: stdout is for results."""
    print(text, file=sys.stderr, flush=True)


def fail(text: str, code: int = 1) -> None:
    """End with one line."""
    print(f"bench: {text}", file=sys.stderr)
    sys.exit(code)


def chosen_points(experiment: Experiment, only: list[str]) -> list[Point]:
    """Those that match all of --only; other experiments' parameters count not."""
    wanted: dict[str, set[str]] = {}
    for word in ",".join(only).split(","):
        if not word:
            continue
        key, equals, value = word.partition("=")
        if not equals:
            fail(f"--only wants NAME=VALUE, not '{word}'", 2)
        wanted.setdefault(key, set()).add(value)
    points = experiment.points()
    for key, values in wanted.items():
        known = {point[key] for point in points if key in point}
        if known and not known & values:
            fail(f"no point of {experiment.name} with {key}={'|'.join(sorted(values))}"
                 f" (there are: {' '.join(sorted(known))})", 2)  # fmt: skip
        points = [p for p in points if key not in p or p[key] in values]
    return points


class Bench:
    """One call of the program."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.cache = Path(arguments.cache) / "bench"
        self.machine = Machine(
            linux=arguments.linux,
            module=arguments.module,
            traffic=arguments.traffic,
            guest=str(Path(__file__).parent.parent / "guest"),
            cache=self.cache,
            seed=arguments.seed,
            keep=arguments.keep,
        )
        tunables = dict(word.partition("=")[::2] for word in arguments.set)
        self.settings = Settings(scale=arguments.scale, tunables=tunables)

    def task(self, task: Task) -> Result:
        """The mean of as many runs as the experiment wants."""
        runs = [
            self.run(task, replace(self.machine, seed=self.arguments.seed + number))
            for number in range(task.experiment.repeats)
        ]
        figures = {name: mean(run[name] for run in runs) for name in runs[0]}
        return Result(task.experiment.name, task.point, task.variant, figures)

    def run(self, task: Task, machine: Machine) -> Figures:
        """Measure, or find what was measured of TCP before."""
        variant = VARIANTS[task.variant]
        job = task.experiment.job(task.point, variant, self.settings)
        memo = None
        if "insmod" not in job:
            memo = self.cache / "tcp" / f"{machine.fingerprint(job)}.json"
        if memo and self.arguments.reuse and memo.exists():
            remembered: Figures = json.loads(memo.read_text())
            return remembered
        output = machine.run(job, task.name)
        try:
            figures = task.experiment.measure(task.point, variant, output)
        finally:
            if self.arguments.keep:
                say(f"{task.name}: {output.directory}")
            output.dispose()
        if memo:
            memo.parent.mkdir(parents=True, exist_ok=True)
            memo.write_text(json.dumps(figures))
        return figures

    def measure(
        self, experiments: list[Experiment], tasks: list[Task], out: Path
    ) -> tuple[list[Result], list[str]]:
        """All tasks, several at a time; what went well and what did not."""
        results: list[Result] = []
        failures: list[str] = []
        start = time.monotonic()
        with ThreadPoolExecutor(self.arguments.jobs) as pool:
            # The longest, so it begins first.
            machine = [
                (e, pool.submit(self.cpu, e)) for e in experiments if isinstance(e, Cpu)
            ]
            futures: list[tuple[Task, Future[Result]]] = [
                (task, pool.submit(self.task, task)) for task in tasks
            ]
            with (out / "results.jsonl").open("w") as lines:
                for done, (task, future) in enumerate(futures, 1):
                    try:
                        result = future.result()
                    except RunError as error:
                        failures.append(f"{task.name}: {error}")
                        say(f"FAILED {failures[-1]}")
                        continue
                    results.append(result)
                    lines.write(json.dumps(self.describe(result)) + "\n")
                    lines.flush()
                    figures = " ".join(f"{k}={v:.5g}" for k, v in result.figures.items())
                    say(f"[{time.monotonic() - start:4.0f} s {done}/{len(tasks)}]"
                        f" {task.name}: {figures}")  # fmt: skip
                for experiment, boot in machine:
                    try:
                        measured = boot.result()
                    except RunError as error:
                        failures.append(f"{experiment.name}: {error}")
                        say(f"FAILED {failures[-1]}")
                        continue
                    results += measured
                    for result in measured:
                        lines.write(json.dumps(self.describe(result)) + "\n")
        return results, failures

    def cpu(self, experiment: Cpu) -> list[Result]:
        """All cases of cpu, in one virtual machine."""
        script = str(Path(__file__).parent.parent / "cpu")
        command = [script, self.arguments.kernel, self.arguments.traffic, self.arguments.source]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        # What a guest that had to boot again had printed is void.
        output = done.stdout.rpartition("\n# again\n")[2]
        lines = [line for line in output.splitlines() if line.startswith("{")]
        if done.returncode or not lines:
            raise RunError(f"the virtual machine ended with {done.returncode}")
        return experiment.results([json.loads(line) for line in lines])

    def describe(self, result: Result) -> dict[str, object]:
        """A line of results.jsonl."""
        return {
            "kernel": self.arguments.kernel,
            "hz": HZ,
            "seed": self.arguments.seed,
            "scale": self.arguments.scale,
            "tunables": self.settings.tunables,
            **asdict(result),
        }


def recall(files: list[str]) -> list[Result]:
    """What earlier runs have measured; of one figure the last."""
    found: dict[str, Result] = {}
    for name in files:
        try:
            lines = [json.loads(line) for line in Path(name).read_text().splitlines()]
            results = [
                Result(line["experiment"], line["point"], line["variant"], line["figures"])
                for line in lines
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            fail(f"{name}: no results: {error}", 2)
        for result in results:
            key = f"{result.experiment} {sorted(result.point.items())} {result.variant}"
            found[key] = result
    return list(found.values())


def tasks_of(experiments: list[Experiment], arguments: argparse.Namespace) -> list[Task]:
    """Every point with every variant that is asked for."""
    variants = arguments.variants.split(",")
    unknown = set(variants) - set(VARIANTS)
    if unknown:
        fail(f"unknown variant '{unknown.pop()}' (there are: {' '.join(VARIANTS)})", 2)
    return [
        Task(experiment, point, variant)
        for experiment in experiments
        if not isinstance(experiment, Cpu)
        for point in chosen_points(experiment, arguments.only)
        for variant in experiment.variants
        if variant in variants
    ]


def report(
    experiments: list[Experiment], tasks: list[Task], results: list[Result], out: Path
) -> list[Row]:
    """Tables and plots; returns the rows."""
    rows: list[Row] = []
    for experiment in experiments:
        points = [p for p in experiment.points() if any(t.point == p for t in tasks
                  if t.experiment is experiment)]  # fmt: skip
        if isinstance(experiment, Cpu):
            points = experiment.points()
        own = Results([r for r in results if r.experiment == experiment.name])
        rows += experiment.rows(points, own)
        if points:
            error = render(experiment.plot(points, own), out / experiment.name)
            if error:
                say(f"bench: no plot of {experiment.name}: {error}")
    (out / "table.txt").write_text(table.text(rows))
    (out / "table.md").write_text(table.markdown(rows))
    return rows


def parse() -> argparse.Namespace:
    """The command line; its help is scripts/bench/run's."""
    parser = argparse.ArgumentParser(prog="bench", add_help=False)
    for name in ("kernel", "linux", "module", "traffic", "cache", "source"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("experiments", nargs="*")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", default="")
    parser.add_argument("--from", dest="files", action="append", default=[])
    for name in ("reuse", "keep", "list"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Exit status: 0 all bars reached, 1 not, 2 wrong usage."""
    arguments = parse()
    names = arguments.experiments or list(EXPERIMENTS)
    for name in names:
        if name not in EXPERIMENTS:
            fail(f"unknown experiment '{name}' (there are: {' '.join(EXPERIMENTS)})", 2)
    experiments = [EXPERIMENTS[name] for name in names]
    tasks = tasks_of(experiments, arguments)
    if arguments.list:
        print("\n".join(task.name for task in tasks))
        return 0
    if not tasks and "cpu" not in names:
        fail("no such point", 2)
    bench = Bench(arguments)
    out = Path(arguments.out or bench.cache / time.strftime("%Y%m%d-%H%M%S"))
    out.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    if arguments.files:
        results = recall(arguments.files)
        tasks = [t for t in tasks if any(t.matches(r) for r in results)]
    else:
        results, failures = bench.measure(experiments, tasks, out)
    rows = report(experiments, tasks, results, out)
    print((out / "table.txt").read_text(), end="")
    for failure in failures:
        print(f"failed: {failure}")
    missed = sum(row.ok is False for row in rows)
    judged = sum(row.ok is not None for row in rows)
    print(f"{judged - missed} of {judged} bars reached, {len(failures)} runs failed; {out}")
    return 1 if missed or failures else 0


def stop(number: int, _frame: FrameType | None) -> None:
    """On a signal: leave no guest behind."""
    kill_guests()
    os._exit(128 + number)


if __name__ == "__main__":
    for caught in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(caught, stop)
    sys.exit(main())
