# SPDX-License-Identifier: GPL-2.0
"""Two network namespaces, and a wire between them that a test holds in its hands.

Each end has a TUN device; a thread carries the packets from one to the other,
remembers the segments, and loses or holds those that the test has chosen:

    with world.wire.lose("a", "FIN") as fin:     # every FIN that a sends
        calling.shutdown(socket.SHUT_WR)
        fin.wait()                               # until one was lost
    # From here on it arrives: its sender sends it again.

Ends have no names and go with the process.  A case that uses them runs as a
process of its own, as tap.py does it.
"""

import contextlib
import ctypes
import fcntl
import itertools
import os
import pickle
import select
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator

from net import (
    CLONE_NEWNET, CLONE_NEWNS, IS_TCP, PROTO, TCP, V4, V6, counters, error_of,
    inside, libc, listener, run, sock, sysctl,
)
from segment import Segment, parse
from tap import Failed, add, moments, note, same, true, until

TUNSETIFF, IFF_TUN_NO_PI = 0x400454CA, 0x1001
SIOCSIFFLAGS, SIOCGIFINDEX = 0x8914, 0x8933
IFF_UP, IFF_RUNNING = 0x1, 0x40
RTM_NEWADDR, NLM_F_REQUEST_ACK, IFA_LOCAL, IFA_F_NODAD = 20, 5, 2, 2
MNT_DETACH = 2

STATES = ("?", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
          "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING")

# What stands for a tunable of ours where the kernel's TCP is asked, and its unit.
SYSCTLS = {
    "abort_on_overflow": ("tcp_abort_on_overflow", 1),
    "fin_timeout_ms": ("tcp_fin_timeout", 1000),
    "orphan_retries": ("tcp_orphan_retries", 1),
    "sack": ("tcp_sack", 1),
    "syn_backlog_max": ("tcp_max_syn_backlog", 1),
    "syn_retries": ("tcp_syn_retries", 1),
    "synack_retries": ("tcp_synack_retries", 1),
    "syncookies": ("tcp_syncookies", 1),
    "time_wait_reuse": ("tcp_tw_reuse", 1),
    "timestamps": ("tcp_timestamps", 1),
    "window_scaling": ("tcp_window_scaling", 1),
}


PATIENCE = 20  # s: a call that takes longer is stuck, even in a machine that is busy

Transcript = list[object]
Play = Callable[["World"], Transcript | None]


def _check(result: int, what: str) -> None:
    """Raise what a call of libc said."""
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def own_mounts() -> None:
    """Let this process mount what nobody else sees."""
    _check(libc.unshare(CLONE_NEWNS), "unshare")
    _check(libc.mount(b"none", b"/", None, 1 << 18 | 1 << 14, None), "make mounts private")


class End:
    """A network namespace with a TUN device whose packets we carry.

    a: 10.77.0.1, fd77::1 on a0;  b: 10.77.0.2, fd77::2 on b0
    """

    def __init__(self, side: str) -> None:
        number = 1 if side == "a" else 2
        self.addresses = {V4: f"10.77.0.{number}", V6: f"fd77::{number}"}
        self.device_name = f"{side}0"
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _check(libc.unshare(CLONE_NEWNET), "unshare")
            self.space = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            self.device = self._device()
            self.sysfs = tempfile.mkdtemp(prefix="rill-")
            # Shows the tunables of the namespace that it is mounted in.
            _check(libc.mount(b"sysfs", self.sysfs.encode(), b"sysfs", 0, None), "mount sysfs")
        finally:
            libc.setns(home, CLONE_NEWNET)
            os.close(home)

    def _device(self) -> int:
        """A TUN device with our addresses, and lo."""
        name = self.device_name.encode()
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name, IFF_TUN_NO_PI))
        with socket.socket(V4, socket.SOCK_DGRAM) as asked:
            index = struct.unpack("16xi20x", fcntl.ioctl(asked, SIOCGIFINDEX, struct.pack("16s24x", name)))[0]
            self._address(V4, 16, index)
            self._address(V6, 64, index)
            for up in (b"lo", name):
                fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack("16sH22x", up, IFF_UP | IFF_RUNNING))
        until(self._ready, "a route to our own address")
        return device

    def _address(self, family: int, prefix: int, index: int) -> None:
        """Give a device our address, to be used at once."""
        raw = socket.inet_pton(family, self.addresses[family])
        text = struct.pack("=BBBBI", family, prefix, IFA_F_NODAD, 0, index)
        text += struct.pack("=HH", 4 + len(raw), IFA_LOCAL) + raw
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as route:
            route.send(struct.pack("=IHHII", 16 + len(text), RTM_NEWADDR, NLM_F_REQUEST_ACK, 1, 0) + text)
            failed = struct.unpack("=16xi", route.recv(4096)[:20])[0]
        if failed:
            raise OSError(-failed, "RTM_NEWADDR")

    def _ready(self) -> bool:
        """Does IPv6 take what is sent to our address? Its route comes by a work queue."""
        with open("/proc/thread-self/net/ipv6_route") as routes:
            return f"{socket.inet_pton(V6, self.addresses[V6]).hex()} 80 " in routes.read()

    def tune(self, name: str, value: object) -> None:
        """Set a tunable."""
        with open(f"{self.sysfs}/kernel/rill/net/{name}", "w") as file:
            file.write(f"{value}\n")

    def counter(self, name: str) -> int:
        """A counter."""
        with inside(self.space):
            return counters()[name]

    def close(self) -> None:
        """Forget the namespace: it ends with the last socket that is in it."""
        os.close(self.device)
        os.close(self.space)
        libc.umount2(self.sysfs.encode(), MNT_DETACH)
        os.rmdir(self.sysfs)


class Rule:
    """Which segments are lost, or held."""

    def __init__(self, sides: str, kinds: tuple[str, ...], times: int, hold: bool,
                 only: Callable[[Segment], bool] | None) -> None:
        self.sides, self.kinds, self.times, self.hold, self.only = sides, kinds, times, hold, only
        self.hits = 0
        self.held: list[tuple[str, bytes]] = []

    def takes(self, side: str, raw: bytes, segment: Segment | None) -> bool:
        """Is this packet one of them? Without kinds every packet is."""
        if side not in self.sides or (self.times and self.hits >= self.times):
            return False
        if self.kinds and (not segment or segment.kind not in self.kinds):
            return False
        if self.only and not (segment and self.only(segment)):
            return False
        self.hits += 1
        if self.hold:
            self.held.append((side, raw))
        return True

    def wait(self, hits: int = 1) -> None:
        """Until so many have been taken."""
        until(lambda: self.hits >= hits, f"{hits} of {self.kinds or 'any'} from {self.sides}")

    def wait_each(self) -> None:
        """Until one of each side is held; a busy side's may come after the other's second."""
        until(lambda: {side for side, _ in list(self.held)} == set(self.sides),
              f"one of {self.kinds or 'any'} held from each of {self.sides}")


class Wire:
    """What lies between the ends."""

    def __init__(self) -> None:
        self.ends = {side: End(side) for side in "ab"}
        self.log: list[Segment] = []
        self.rules: list[Rule] = []
        self.retired: list[End] = []
        self.closed = False
        self.lock = threading.Lock()
        self.woken, self.waker = os.pipe()
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def _carry(self) -> None:
        """The thread that moves the packets."""
        while not self.closed:
            devices = {end.device: side for side, end in self.ends.items()}
            for ready in select.select([*devices, self.woken], [], [])[0]:
                if ready == self.woken:
                    os.read(self.woken, 64)
                    while self.retired:
                        self.retired[-1].close()
                        self.retired.pop()
                    break
                with contextlib.suppress(BlockingIOError):
                    for _ in range(32):
                        self._packet(devices[ready], os.read(ready, 65536))

    def _packet(self, side: str, raw: bytes) -> None:
        """Pass a packet on, or not."""
        segment = parse(raw, side)
        with self.lock:
            lost = any(rule.takes(side, raw, segment) for rule in self.rules)
            if segment:
                segment.lost = lost
                self.log.append(segment)
            if not lost:
                self.put("b" if side == "a" else "a", raw)

    def put(self, side: str, raw: bytes) -> None:
        """Let an end receive a packet."""
        with contextlib.suppress(OSError):
            os.write(self.ends[side].device, raw)

    def rule(self, sides: str, *kinds: str, times: int = 0, hold: bool = False,
             only: Callable[[Segment], bool] | None = None) -> Rule:
        """Lose, or hold, what these sides send of these kinds from now on."""
        made = Rule(sides, kinds, times, hold, only)
        with self.lock:
            self.rules.append(made)
        return made

    def lift(self, rule: Rule) -> None:
        """End a rule; what it held goes on its way."""
        with self.lock:
            self.rules.remove(rule)
            for side, raw in rule.held:
                self.put("b" if side == "a" else "a", raw)

    @contextlib.contextmanager
    def lose(self, sides: str, *kinds: str, times: int = 0) -> Iterator[Rule]:
        """Lose them, or the first of them, for a while."""
        rule = self.rule(sides, *kinds, times=times)
        yield rule
        self.lift(rule)

    @contextlib.contextmanager
    def hold(self, sides: str, *kinds: str,
             only: Callable[[Segment], bool] | None = None) -> Iterator[Rule]:
        """Hold them for a while."""
        rule = self.rule(sides, *kinds, hold=True, only=only)
        yield rule
        self.lift(rule)

    def seen(self, side: str, *kinds: str) -> int:
        """How many segments of these kinds a side has sent."""
        with self.lock:
            return sum(one.side in side and one.kind in kinds for one in self.log)

    def forget(self) -> None:
        """Begin a new log."""
        with self.lock:
            self.log.clear()

    def restart(self, side: str) -> None:
        """The host of a side is gone without a word, and another one has its address."""
        fresh = End(side)
        with self.lock:
            self.retired.append(self.ends[side])
            self.ends[side] = fresh
            os.write(self.waker, b"x")
        until(lambda: not self.retired, "the new host")

    def close(self) -> None:
        """Take everything away, under what still goes on."""
        self.closed = True
        os.write(self.waker, b"x")
        self.thread.join()
        for end in (*self.retired, *self.ends.values()):
            end.close()


class World:
    """A wire between two ends, and sockets of one protocol and family there."""

    def __init__(self, family: int, proto: int = PROTO) -> None:
        self.family, self.proto = family, proto
        self.wire = Wire()
        self._as_tcp("ab")

    def _as_tcp(self, sides: str) -> None:
        """Both protocols are to repeat at the same time, and keep TIME_WAIT."""
        for side in sides:
            if self.proto != TCP:
                self.tune(side, "rto_min_us", 200000)
                continue
            with self.inside(side):
                sysctl("net.ipv4.tcp_rfc1337", 1)

    def address(self, side: str) -> str:
        """The address of a side."""
        return self.wire.ends[side].addresses[self.family]

    def inside(self, side: str) -> contextlib.AbstractContextManager[None]:
        """Let this thread be at a side for a while."""
        return inside(self.wire.ends[side].space)

    def tune(self, sides: str, name: str, value: int) -> None:
        """Set a tunable at these sides, or what TCP has for it."""
        for side in sides:
            if self.proto != TCP:
                self.wire.ends[side].tune(name, value)
            elif name in SYSCTLS:
                with self.inside(side):
                    sysctl(f"net.ipv4.{SYSCTLS[name][0]}", value // SYSCTLS[name][1])

    def sock(self, side: str, port: int = 0, reuse: bool = False) -> socket.socket:
        """A socket on a side, bound if a port is given."""
        with self.inside(side):
            made = sock(self.family, self.proto)
        made.settimeout(PATIENCE)
        if reuse:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if port:
            made.bind((self.address(side), port))
        return made

    def listener(self, side: str = "b", port: int = 0, backlog: int = 16) -> socket.socket:
        """A listening socket on a side."""
        with self.inside(side):
            made = listener(self.family, self.address(side), port, backlog, self.proto)
        made.settimeout(PATIENCE)
        return made

    def pair(self, port: int = 0, server: int = 0) -> tuple[socket.socket, socket.socket]:
        """Connected sockets: a's, which called from a port, and b's."""
        with self.listener("b", server) as listening:
            calling = self.sock("a", port)
            calling.connect(listening.getsockname()[:2])
            accepted = accept(listening)
        return calling, accepted

    def gone(self, side: str, port: int, limit: float = 15.0) -> None:
        """Wait until nothing holds a port any more."""
        until(lambda: self.rebind((side, port)) == ["ok"], f"port {port} of {side} is free", limit)

    def restart(self, side: str) -> None:
        """The host of a side is gone without a word, and another one has its address."""
        self.wire.restart(side)
        self._as_tcp(side)

    def rebind(self, *ends: tuple[str, int]) -> list[str]:
        """Can the ports be bound anew?"""
        answers = []
        for side, port in ends:
            with self.inside(side), sock(self.family, self.proto) as again:
                answers.append(error_of(again.bind, (self.address(side), port)))
        return answers

    def quiet(self) -> None:
        """Nobody has sent a reset, but for a side whose connection was over.

        An ACK that comes twice, because the wire was slow, finds nothing there.
        """
        ends: dict[tuple[str, int], int] = {}
        over = set()
        for one in list(self.wire.log):
            if one.kind == "FIN":
                ends[one.side, one.sport] = (one.seq + one.length + 1) % 2**32
            other = "b" if one.side == "a" else "a", one.dport
            if not one.lost and ends.get(other) == one.ack:
                over.add(other)
            if one.kind == "RST" and (one.side, one.sport) not in over:
                raise Failed(f"a reset: {one}")

    def story(self) -> list[str]:
        """What went over the wire, in words; what came again is told once."""
        return list(dict.fromkeys(f"{one.side}: {one.kind}" for one in list(self.wire.log)))


def accept(listening: socket.socket) -> socket.socket:
    """An accepted socket whose calls end some day."""
    accepted, _ = listening.accept()
    accepted.settimeout(PATIENCE)
    return accepted


def info(asked: socket.socket) -> tuple[int, ...]:
    """TCP_INFO's eight bytes and its first 24 numbers."""
    return struct.unpack("8B24I", asked.getsockopt(TCP, socket.TCP_INFO, 104))


def queued(listening: socket.socket) -> int:
    """How many connections wait for accept()."""
    return info(listening)[12]


def states(*sockets: socket.socket) -> tuple[str, ...]:
    """Their states."""
    return tuple(STATES[info(one)[0]] for one in sockets)


def reach(what: tuple[str, ...], *sockets: socket.socket, limit: float = 15.0) -> tuple[str, ...]:
    """Wait until sockets have these states; what they have is the answer."""
    for _ in moments(limit):
        if states(*sockets) == what:
            break
    return states(*sockets)


def pour(source: socket.socket, sink: socket.socket, size: int) -> str:
    """Send something; "intact" if that is what came."""
    data = os.urandom(size)
    # For all of it, not for each call.
    source.settimeout(3 * PATIENCE)
    thread = threading.Thread(target=source.sendall, args=(data,), daemon=True)
    thread.start()
    got = bytearray()
    sink.settimeout(PATIENCE)
    while len(got) < size:
        part = sink.recv(65536)
        true(part, f"ended after {len(got)} of {size}")
        got += part
    thread.join(PATIENCE)
    return "intact" if bytes(got) == data else "garbled"


def talk(one: socket.socket, other: socket.socket) -> list[str]:
    """Send something each way."""
    return [pour(one, other, 20000), pour(other, one, 20000)]


def alike(name: str, limit: float = 90.0, alone: bool = False) -> Callable[[Play], Play]:
    """A case, over each family, that must give the same transcript on both protocols."""

    def register(play: Play) -> Play:
        for family, version in ((V4, "IPv4"), (V6, "IPv6")):
            add(f"{version}, as TCP: {name}", lambda f=family: _compare(play, f), limit, alone)
        return play

    return register


def ours(name: str, limit: float = 90.0, alone: bool = False) -> Callable[[Play], Play]:
    """A case, over each family, about which TCP need not be asked."""

    def register(play: Play) -> Play:
        for family, version in ((V4, "IPv4"), (V6, "IPv6")):
            if not IS_TCP:
                add(f"{version}: {name}", lambda f=family: _ours(play, f), limit, alone)
        return play

    return register


def _play(play: Play, family: int, proto: int) -> Transcript | None:
    """Play it in a world of its own; what happened there is told if it fails."""
    world = World(family, proto)
    try:
        return play(world)
    except BaseException:
        with world.wire.lock:
            for segment in world.wire.log[-25:]:
                note(str(segment))
        raise


def _ours(play: Play, family: int) -> None:
    """Play it on ours alone."""
    own_mounts()
    _play(play, family, PROTO)


def _compare(play: Play, family: int) -> None:
    """Play it on both at once, and compare."""
    own_mounts()
    if IS_TCP:
        _play(play, family, PROTO)
        return
    # In a process of its own: two wires in one would keep each other waiting.
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            said = pickle.dumps(_play(play, family, TCP))
        except BaseException as error:
            said = pickle.dumps(repr(error))
        os.write(write, said)
        os._exit(0)
    os.close(write)
    got = _play(play, family, PROTO)
    with open(read, "rb") as answer:
        wanted = pickle.load(answer)
    if not isinstance(wanted, list):
        raise Failed(f"TCP itself: {wanted}")
    for step, (want, have) in enumerate(itertools.zip_longest(wanted, got or [])):
        same(have, want, f"step {step}")


def prepare() -> None:
    """What the machine needs once, before the first case."""
    run("modprobe", "-a", "tun", "dummy")
    # The wire's thread must not wait long for a case that is busy.
    sys.setswitchinterval(0.0005)
