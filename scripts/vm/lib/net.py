# SPDX-License-Identifier: GPL-2.0
"""Sockets of the protocol under test, and namespaces to use them in.

The protocol is $RILL_PROTO: 253, rill, unless told otherwise; 6 runs the same
test on the kernel's TCP, which shows whether the test asks for the right thing.
"""

import contextlib
import ctypes
import errno
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

from tap import until

PROTO = int(os.environ.get("RILL_PROTO", "253"))
TCP = socket.IPPROTO_TCP
IS_TCP = PROTO == TCP
V4, V6 = socket.AF_INET, socket.AF_INET6
SIOCINQ, SIOCOUTQ = 0x541B, 0x5411
SO_PROTOCOL, SO_DOMAIN = 38, 39
IFA_F_TENTATIVE = 0x40

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
TUNABLES = "/sys/kernel/rill/net"

# What a family's tests use for "this host", and how they name it.
Family = tuple[str, int, str]
FAMILIES: list[Family] = [
    ("IPv4", V4, "127.0.0.1"),
    ("IPv6", V6, "::1"),
    ("IPv4-mapped", V6, "::ffff:127.0.0.1"),
]


def sock(family: int = V4, proto: int = PROTO, flags: int = 0) -> socket.socket:
    """A stream socket of the protocol under test."""
    return socket.socket(family, socket.SOCK_STREAM | flags, proto)


def listener(
    family: int = V4, host: str = "127.0.0.1", port: int = 0, backlog: int = 128,
    proto: int = PROTO, reuse: bool = True,
) -> socket.socket:
    """A listening socket."""
    listening = sock(family, proto)
    if reuse:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(backlog)
    return listening


def pair(
    family: int = V4, host: str = "127.0.0.1", proto: int = PROTO
) -> tuple[socket.socket, socket.socket]:
    """Two connected sockets: the one that called and the one accepted."""
    with listener(family, host, proto=proto) as listening:
        calling = sock(family, proto)
        calling.connect(listening.getsockname()[:2])
        accepted, _ = listening.accept()
    return calling, accepted


def error_of(call: Callable[..., object], *args: object) -> str:
    """The name of the error that a call fails with; "ok" if it does not."""
    try:
        call(*args)
    except TimeoutError as error:
        return errno.errorcode[error.errno] if error.errno else "ETIMEDOUT?"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, repr(error))
    return "ok"


def spent(call: Callable[..., object], *args: object) -> tuple[str, float]:
    """How a call ends, and after how many milliseconds."""
    start = time.monotonic()
    result = error_of(call, *args)
    return result, (time.monotonic() - start) * 1000


def read_exactly(source: socket.socket, size: int) -> bytes:
    """Receive size bytes, or what comes before the end."""
    got = bytearray()
    while len(got) < size:
        data = source.recv(min(size - len(got), 1 << 20))
        if not data:
            break
        got += data
    return bytes(got)


def read_all(source: socket.socket) -> bytes:
    """Receive until the end of the stream."""
    got = bytearray()
    while data := source.recv(1 << 18):
        got += data
    return bytes(got)


def run(*command: str, check: bool = True) -> str:
    """Run a program and return its output."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout


def ip(*lines: str) -> None:
    """Run ip commands in one process."""
    done = subprocess.run(
        ["ip", "-batch", "-"], input="\n".join(lines) + "\n",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if done.returncode:
        raise RuntimeError(f"ip: {lines}: {done.stdout.strip()}")


def ip_in(name: str, *lines: str) -> None:
    """Run ip commands in a namespace."""
    with inside(name):
        ip(*lines)


@contextlib.contextmanager
def inside(space: str | int) -> Iterator[None]:
    """Let this thread be in a network namespace for a while (sockets stay there).

    The namespace is a name, or an open file that stands for it.
    """
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.dup(space) if isinstance(space, int) else os.open(f"/run/netns/{space}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


def sysctl(name: str, value: object) -> None:
    """Set a sysctl of the current namespace."""
    with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
        file.write(f"{value}\n")


def own_namespace(sysfs: bool = False) -> None:
    """Move this process to a fresh network namespace with lo up.

    With sysfs, /sys shows the new namespace's directories too.
    """
    if libc.unshare(CLONE_NEWNET | (CLONE_NEWNS if sysfs else 0)):
        raise OSError(ctypes.get_errno(), "unshare")
    ip("link set lo up")
    if sysfs:
        show_sysfs()


def show_sysfs() -> None:
    """Mount a sysfs of the current network namespace for this process alone."""
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "sysfs", "sysfs", "/sys")


def counters() -> dict[str, int]:
    """The current namespace's counters; none for the kernel's TCP."""
    if IS_TCP:
        return {}
    # Not /proc/net, which is the main thread's.
    with open("/proc/thread-self/net/rill_stat") as file:
        return {name: int(value) for name, value in (line.split()[:2] for line in file)}


def tune(name: str, value: object) -> None:
    """Set a tunable of the namespace whose sysfs is at /sys."""
    with open(f"{TUNABLES}/{name}", "w") as file:
        file.write(f"{value}\n")


def tune_in(space: str, **values: object) -> None:
    """Set tunables of a named namespace."""
    script = " && ".join(f"echo {value} >{TUNABLES}/{name}" for name, value in values.items())
    run("ip", "netns", "exec", space, "sh", "-c", script)


def slabs() -> dict[str, int]:
    """Objects in use in each of the module's slab caches."""
    counts = {}
    with open("/proc/slabinfo") as file:
        for line in file:
            words = line.split()
            if re.match("rill", words[0], re.IGNORECASE):
                # Empty slabs that are kept count as in use until they are shrunk.
                with contextlib.suppress(OSError), open(f"/sys/kernel/slab/{words[0]}/shrink", "w") as shrink:
                    shrink.write("1")
                counts[words[0]] = 0
    with open("/proc/slabinfo") as file:
        for line in file:
            words = line.split()
            if words[0] in counts:
                counts[words[0]] = int(words[1])
    return counts


def namespaces(*names: str) -> None:
    """New network namespaces, in place of old ones.

    Their IPv6 addresses are there at once: each that ends its duplicate address
    detection changes the routes, and a route that has changed is looked up
    anew, by TCP and by rill each in its own way.
    """
    forget(*names)
    ip(*(f"netns add {name}" for name in names))
    for name in names:
        with inside(name):
            for scope in ("all", "default"):
                sysctl(f"net.ipv6.conf.{scope}.accept_dad", 0)


def forget(*names: str) -> None:
    """Delete namespaces that may be there."""
    there = [name for name in names if os.path.exists(f"/run/netns/{name}")]
    if there:
        ip(*(f"netns delete {name}" for name in there))


def settle(*names: str) -> None:
    """Wait until nothing becomes of the devices of namespaces that are up by itself.

    A device on another's is usable when it is up, and is told so up to a second later (linkwatch): IPv6 then looks
    for each route by it again, which sockets that the suite compares would do at different times.
    """
    def settled() -> bool:
        with open("/proc/thread-self/net/if_inet6") as addresses:
            if any(int(line.split()[4], 16) & IFA_F_TENTATIVE for line in addresses):
                return False
        up = [one for one in json.loads(run("ip", "-j", "link")) if "UP" in one["flags"]]
        return all("NO-CARRIER" not in one["flags"] and
                   (one["operstate"] == "UP" or not one.keys() & {"link", "link_index"}) for one in up)

    for name in names:
        with inside(name):
            until(settled, f"{name} has settled")


class Link:
    """Two namespaces joined by a veth pair.

    a: 10.77.0.1, fd77::1 on a0;  b: 10.77.0.2, fd77::2 on b0
    """

    def __init__(self, name: str = "rt") -> None:
        self.a, self.b = f"{name}-a", f"{name}-b"
        namespaces(self.a, self.b)
        ip(f"link add a0 netns {self.a} type veth peer name b0 netns {self.b}")
        for space, device, number in ((self.a, "a0", 1), (self.b, "b0", 2)):
            ip_in(
                space, "link set lo up",
                f"address add 10.77.0.{number}/24 dev {device}",
                f"address add fd77::{number}/64 dev {device} nodad",
                f"link set {device} up",
            )
        settle(self.a, self.b)

    def remove(self) -> None:
        """Delete the namespaces, and with them the link."""
        forget(self.a, self.b)

    def offload(self, on: bool) -> None:
        """Let segments of many packets pass whole, or not."""
        state = "on" if on else "off"
        for space, device in ((self.a, "a0"), (self.b, "b0")):
            with inside(space):
                run("ethtool", "-K", device, "tso", state, "gso", state, "gro", state)

    def netem(self, arguments: str, both: bool = True) -> None:
        """Disturb what leaves a, and what leaves b if both."""
        for space, device in ((self.a, "a0"), (self.b, "b0"))[: 2 if both else 1]:
            with inside(space):
                run("tc", "qdisc", "replace", "dev", device, "root", "netem", *arguments.split())

    def clear(self) -> None:
        """Disturb nothing any more."""
        for space, device in ((self.a, "a0"), (self.b, "b0")):
            with inside(space):
                run("tc", "qdisc", "delete", "dev", device, "root", check=False)

    def address(self, side: str, family: int) -> str:
        """The address of a side."""
        number = 1 if side == "a" else 2
        return f"10.77.0.{number}" if family == V4 else f"fd77::{number}"

    def listener(self, side: str, family: int = V4, port: int = 0) -> socket.socket:
        """A listening socket on a side."""
        with inside(self.a if side == "a" else self.b):
            return listener(family, self.address(side, family), port)

    def sock(self, side: str, family: int = V4) -> socket.socket:
        """A socket on a side."""
        with inside(self.a if side == "a" else self.b):
            return sock(family)

    def pair(self, family: int = V4) -> tuple[socket.socket, socket.socket]:
        """Connected sockets: a's, which called, and b's."""
        with self.listener("b", family) as listening:
            calling = self.sock("a", family)
            calling.connect(listening.getsockname()[:2])
            accepted, _ = listening.accept()
        return calling, accepted


class Path:
    """Two namespaces with a router between them; the second link is narrower."""

    def __init__(self, name: str, mtu: int) -> None:
        self.a, self.router, self.b = (f"{name}-{part}" for part in "arb")
        namespaces(self.a, self.router, self.b)
        ip(
            f"link add pa netns {self.a} type veth peer name ra netns {self.router}",
            f"link add pb netns {self.b} mtu {mtu} type veth peer name rb netns {self.router} mtu {mtu}",
        )
        for space, device, link, number in (
            (self.a, "pa", 1, 1), (self.router, "ra", 1, 2),
            (self.router, "rb", 2, 2), (self.b, "pb", 2, 1),
        ):
            ip_in(
                space, "link set lo up",
                f"address add 10.78.{link}.{number}/24 dev {device}",
                f"address add fd78:{link}::{number}/64 dev {device} nodad",
                f"link set {device} up",
            )
        for space, link in ((self.a, 1), (self.b, 2)):
            ip_in(space, f"route add default via 10.78.{link}.2",
                  f"route add default via fd78:{link}::2")
        with inside(self.router):
            sysctl("net.ipv4.ip_forward", 1)
            sysctl("net.ipv6.conf.all.forwarding", 1)
        settle(self.a, self.router, self.b)

    def remove(self) -> None:
        """Delete the namespaces."""
        forget(self.a, self.router, self.b)

    def pair(self, family: int = V4) -> tuple[socket.socket, socket.socket]:
        """Connected sockets: a's, which called, and b's."""
        with inside(self.b):
            listening = listener(family, "10.78.2.1" if family == V4 else "fd78:2::1")
        with inside(self.a):
            calling = sock(family)
        with listening:
            calling.connect(listening.getsockname()[:2])
            accepted, _ = listening.accept()
        return calling, accepted
