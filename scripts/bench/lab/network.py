# SPDX-License-Identifier: GPL-2.0
"""The shell commands that make a network of namespaces inside a guest.

A line of hosts: the server s, routers, the client c. The server's addresses
are on its loopback device, so that each flow can have its own: 10.1.0.1 on.
Nothing but the queueing disciplines that an experiment asks for delays or
loses a packet: neighbours are permanent, segmentation offloads are off on the
end hosts (each packet on the path is one segment, to be lost by itself), and
no IPv6 speaks.
"""

from dataclasses import dataclass, field

SERVER = "10.1.0.1"
ADDRESSES = 64


@dataclass
class Qdisc:
    """One queueing discipline: the host and its neighbour name the device."""

    host: str
    towards: str
    words: str
    parent: str = "root handle 1:"


@dataclass
class Network:
    """Hosts in a line, and what stands between them."""

    hosts: str = "sbc"
    qdiscs: list[Qdisc] = field(default_factory=list)
    # Route attributes of both ends, TCP's own tuning.
    route: str = ""
    # Larger buffers than the defaults, bytes; both protocols alike.
    buffers: int = 0
    # rill's tunables, at both ends.
    tunables: dict[str, str] = field(default_factory=dict)

    def script(self) -> str:
        """All commands, to be run by sh -eu."""
        lines = [f"ip netns add {host}" for host in self.hosts]
        for index, pair in enumerate(zip(self.hosts, self.hosts[1:])):
            lines += self._link(index, *pair)
        for index, host in enumerate(self.hosts):
            lines += self._routes(index, host)
            lines += self._settings(host)
        for qdisc in self.qdiscs:
            lines.append(
                f"tc -n {qdisc.host} qdisc add dev {qdisc.host}{qdisc.towards}"
                f" {qdisc.parent} {qdisc.words}"
            )
        return "\n".join(lines) + "\n"

    def _link(self, index: int, left: str, right: str) -> list[str]:
        names = (left + right, right + left)
        macs = [f"02:00:00:00:{index:02x}:{end:02x}" for end in (1, 2)]
        lines = [
            f"ip link add {names[0]} address {macs[0]} netns {left} txqueuelen 10000"
            f" type veth peer name {names[1]} address {macs[1]} netns {right}"
        ]
        for end, host in enumerate((left, right)):
            lines += [
                f"ip -n {host} -batch - <<-end",
                f"addr add 10.0.{index}.{end + 1}/30 dev {names[end]}",
                f"link set {names[end]} up",
                "link set lo up",
                f"neigh replace 10.0.{index}.{2 - end} lladdr {macs[1 - end]}"
                f" dev {names[end]} nud permanent",
                "end",
            ]
            if host in "sc":
                lines.append(
                    f"ip netns exec {host} ethtool -K {names[end]} tso off gso off gro off"
                )
        return lines

    def _routes(self, index: int, host: str) -> list[str]:
        left = f"10.0.{index - 1}.1"
        right = f"10.0.{index}.2"
        lines = [f"ip -n {host} -batch - <<-end"]
        if host == "s":
            lines += [f"addr add 10.1.0.{n}/32 dev lo" for n in range(1, ADDRESSES + 1)]
            lines.append(f"route add default via {right} {self.route}")
        elif host == "c":
            lines.append(f"route add default via {left} {self.route}")
        else:
            lines.append(f"route add 10.1.0.0/16 via {left}")
            # The client's own link is connected where it is not behind others.
            lines.append(f"route add default via {right}")
        return [*lines, "end"]

    def _settings(self, host: str) -> list[str]:
        sysctl = "/proc/sys/net/ipv4"
        if host not in "sc":
            return [f"ip netns exec {host} sh -c 'echo 1 >{sysctl}/ip_forward'"]
        lines = [
            f"echo 1024 65535 >{sysctl}/ip_local_port_range",
        ]
        if self.buffers:
            lines += [
                f"echo 4096 131072 {self.buffers} >{sysctl}/tcp_rmem",
                f"echo 4096 16384 {self.buffers} >{sysctl}/tcp_wmem",
                "if [ -e /sys/kernel/rill ]; then",
                f"echo 4096 131072 {self.buffers} >/sys/kernel/rill/net/rmem",
                f"echo 4096 16384 {self.buffers} >/sys/kernel/rill/net/wmem",
                "fi",
            ]
        if self.tunables:
            lines.append("if [ -e /sys/kernel/rill ]; then")
            lines += [
                f"echo {value} >/sys/kernel/rill/net/{name}"
                for name, value in self.tunables.items()
            ]
            lines.append("fi")
        return [f"ip netns exec {host} sh -eu <<-end", *lines, "end"]


def statistics(hosts: str) -> str:
    """Commands that leave what the network counted where Output reads it."""
    lines = []
    for host in hosts:
        lines += [
            f"tc -n {host} -s -j qdisc show >{host}.qdisc",
            f"ip netns exec {host} sh -c '"
            f"cat /proc/net/snmp /proc/net/netstat >{host}.tcp;"
            f" if [ -e /proc/net/rill_stat ]; then cat /proc/net/rill_stat >{host}.rill; fi'",
        ]
    return "\n".join(lines) + "\n"
