# SPDX-License-Identifier: GPL-2.0
"""What a namespace sends by a device: each packet's IP header, with its options
or extension headers, and what kind of segment it holds."""

import socket
import struct
import time
from collections.abc import Callable

import segment
from net import PROTO, TCP, inside
from tap import Failed

PACKET_OUTGOING = 4
# Hop-by-hop, routing, destination options.
EXTENSIONS = (0, 43, 60)


class Packet:
    """An IP packet with a segment."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.headers: list[str] = []
        if raw[0] >> 4 == 4:
            head = (raw[0] & 15) * 4
            self.proto, self.tclass, self.hops, self.label = raw[9], raw[1], raw[8], 0
            self.source, self.target = (socket.inet_ntop(socket.AF_INET, raw[at:at + 4]) for at in (12, 16))
            if head > 20:
                self.headers.append(raw[20:head].hex())
        else:
            head, self.proto, word = 40, raw[6], struct.unpack_from("!I", raw)[0]
            self.tclass, self.hops, self.label = word >> 20 & 255, raw[7], word & 0xFFFFF
            self.source, self.target = (socket.inet_ntop(socket.AF_INET6, raw[at:at + 16]) for at in (8, 24))
            while self.proto in EXTENSIONS:
                size = 8 * (raw[head + 1] + 1)
                # What follows is left out: it is the protocol's number at last.
                self.headers.append(f"{self.proto}: {raw[head + 1:head + size].hex()}")
                self.proto, head = raw[head], head + size
        self.sport = self.dport = self.seq = self.flags = self.length = 0
        if self.proto in (PROTO, TCP) and len(raw) >= head + 20:
            self.sport, self.dport, self.seq, offset, self.flags = struct.unpack_from("!HHI4xBB", raw, head)
            self.length = len(raw) - head - (offset >> 4) * 4

    def kind(self) -> str:
        """What it is, in a word."""
        return segment.kind(self.flags, self.length)


class Sniffer:
    """The packets of a protocol that leave a namespace by a device."""

    def __init__(self, space: str, device: str, proto: int) -> None:
        self.proto = proto
        self.seen: list[Packet] = []
        with inside(space):
            self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
            self.tap.bind((device, 3))
        self.tap.setblocking(False)

    def look(self) -> list[Packet]:
        """All until now."""
        while True:
            try:
                raw, where = self.tap.recvfrom(65536)
            except BlockingIOError:
                return self.seen
            if where[2] == PACKET_OUTGOING and raw[0] >> 4 in (4, 6):
                packet = Packet(raw)
                if packet.proto == self.proto:
                    self.seen.append(packet)

    def wait(self, kind: str) -> Packet:
        """The first packet of a kind."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for one in self.look():
                if one.kind() == kind:
                    return one
            time.sleep(0.005)
        raise Failed(f"no {kind} was sent")

    def forget(self) -> None:
        """Begin anew."""
        self.look()
        self.seen.clear()

    def table(self, what: Callable[[Packet], object], port: int = 0) -> list[tuple[str, str]]:
        """Something of the packets of each kind, to and from a port, but for pure ACKs, which come or not."""
        rows = {(one.kind(), str(what(one))) for one in self.look()
                if one.kind() not in ("ACK", "RST") and (not port or port in (one.sport, one.dport))}
        return sorted(rows)
