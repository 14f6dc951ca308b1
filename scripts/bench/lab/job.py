# SPDX-License-Identifier: GPL-2.0
"""The jobs that the guests do, shell scripts, and what they have measured."""

from typing import Any

from .experiment import NAMES, RILL, Figures, Variant
from .machine import Output, RunError
from .network import SERVER, Network, statistics


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


def alone(network: Network, variant: Variant, mode: str, options: str, connections: int = 1) -> str:
    """A whole job in which one protocol has the network for itself."""
    protocol = variant.protocol
    return (
        begin(network, {protocol})
        + serve(protocol, connections)
        + "sleep 0.1\n"
        + ask(protocol, mode, options)
        + "\n"
        + finish(network, {protocol})
    )


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
