# SPDX-License-Identifier: GPL-2.0
"""Fairness: TCP and rill, both CUBIC, through one bottleneck of 100 Mbit/s with
20 ms of round trip, for 60 s.

The bottleneck is a drop-tail queue of one bandwidth-delay product, or fq_codel.
Each flow comes from an address of its own, since fq_codel does not know where
protocol 253 has its ports. ACKs jitter by 50 us, less than the time between
two of them, so that flows do not fall into step with the queue as they never
would on real hosts.

A point is a number of TCP flows and a number of rill flows, "4+4".
"""

from ..experiment import RILL, TCP, Figures, Output, Point, Results, Row, Settings, Variant, jain
from ..job import ask, begin, finish, received, serve
from ..network import Network, Qdisc
from ..plot import bars

SECONDS = 60
RATE = 100  # Mbit/s
SHARE = (40.0, 60.0)  # percent
JAIN_LEAST = 0.95
MIXES = ("1+1", "4+4", "0+8", "8+0")
QUEUES = ("droptail", "fq_codel")
PRODUCT = RATE * 1000000 // 8 * 20 // 1000


def flows(point: Point) -> dict[int, int]:
    """The number of flows of each protocol that has any."""
    tcp, rill = (int(number) for number in point["flows"].split("+"))
    return {protocol: n for protocol, n in ((TCP, tcp), (RILL, rill)) if n}


class Fairness:
    """See above."""

    name = "fairness"
    title = "Fairness"
    # All take part at once.
    variants: tuple[str, ...] = ("rill",)
    repeats = 3

    def points(self) -> list[Point]:
        return [{"flows": mix, "queue": queue} for mix in MIXES for queue in QUEUES]

    def job(self, point: Point, variant: Variant, settings: Settings) -> str:
        limit = PRODUCT if point["queue"] == "droptail" else 10 * PRODUCT
        rate = f"tbf rate {RATE}mbit burst 3028 limit {limit}"
        network = Network(
            hosts="sabc",
            qdiscs=[
                Qdisc("a", "b", rate),
                Qdisc("b", "c", "netem limit 100000 delay 10ms"),
                Qdisc("a", "s", "netem limit 100000 delay 10ms 50us"),
            ],
            route=variant.route,
            buffers=8 << 20,
            tunables=settings.tunables,
        )
        if point["queue"] == "fq_codel":
            network.qdiscs.append(Qdisc("a", "b", "fq_codel", "parent 1:1 handle 10:"))
        mix = flows(point)
        seconds = settings.scaled(SECONDS)
        job = begin(network, set(mix))
        for protocol, number in mix.items():
            job += serve(protocol, number)
        job += "sleep 0.1\n"
        for protocol, number in mix.items():
            options = (
                f"--connections {number} --spread --duration {seconds * 1000000} --stagger 20000"
            )
            job += ask(protocol, "stream", options, f"10.1.0.{1 + protocol % 2 * 32}") + " &\n"
        job += finish(network, set(mix))
        return job + f"echo '{{\"seconds\": {seconds}}}' >duration\n"

    def measure(self, point: Point, variant: Variant, output: Output) -> Figures:
        mix = flows(point)
        got = {protocol: received(output, protocol)["in_time"] for protocol in mix}
        total = sum(sum(each) for each in got.values())
        seconds = output.json("duration")["seconds"]
        every = [value for each in got.values() for value in each]
        figures = {"jain": jain(every), "total": total * 8 / seconds / 1e6}
        if len(mix) == 2:
            figures["share"] = 100 * sum(got[RILL]) / total
        return figures

    def rows(self, points: list[Point], results: Results) -> list[Row]:
        rows = []
        for point in points:
            mix = flows(point)
            if len(mix) == 2:
                row = results.row(self.name, point, "share", "%")
                row.tcp = 100 - row.rill if row.rill is not None else None
                row.bar = f"{SHARE[0]:g} - {SHARE[1]:g}"
                row.ok = SHARE[0] <= row.rill <= SHARE[1] if row.rill is not None else None
                rows.append(row)
            elif RILL in mix:
                row = results.row(self.name, point, "jain", "")
                reference = {**point, "flows": "8+0"}
                row.tcp = results.get(reference, "rill", "jain")
                rows.append(row.least(JAIN_LEAST, f"{JAIN_LEAST}"))
        return rows

    def plot(self, points: list[Point], results: Results) -> str:
        groups = []
        for point in points:
            share = results.get(point, "rill", "share")
            if share is not None:
                name = f"{point['flows']} {point['queue']}"
                groups.append((name, {"tcp": 100 - share, "rill": share}))
        return bars(
            "Shares of a bottleneck that TCP and rill have in common",
            groups,
            ylabel="%",
            marks=SHARE,
            extra="set yrange [0:80]",
        )
