# SPDX-License-Identifier: GPL-2.0
"""Segments as they stand on the wire: built by hand, and read."""

import socket
import struct
import time

from net import PROTO, TCP, V4

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def checksum(data: bytes) -> int:
    """The Internet checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(family: int, source: bytes, target: bytes, payload: bytes, proto: int = PROTO) -> bytes:
    """An IP packet."""
    if family == V4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, proto, 0)
        head += source + target
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    else:
        head = struct.pack("!IHBB", 6 << 28, len(payload), proto, 64) + source + target
    return head + payload


def segment(
    family: int, source: bytes, target: bytes, sport: int, dport: int, seq: int = 0, ack: int = 0,
    flags: int = ACK, window: int = 1000, options: bytes = b"", data: bytes = b"",
    offset: int | None = None, bad: int = 0, urgent: int = 0, proto: int = PROTO,
) -> bytes:
    """An IP packet with a segment; bad is added to its checksum."""
    options += bytes(-len(options) % 4)
    words = offset if offset is not None else (20 + len(options)) // 4
    head = struct.pack("!HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, (words & 15) << 4,
                       flags & 0xFF, window, 0, urgent)
    text = head + options + data
    if family == V4:
        pseudo = source + target + struct.pack("!BBH", 0, proto, len(text))
    else:
        pseudo = source + target + struct.pack("!II", len(text), proto)
    total = (checksum(pseudo + text) + bad) & 0xFFFF
    return packet(family, source, target, text[:16] + struct.pack("!H", total) + text[18:], proto)


def kind(flags: int, length: int) -> str:
    """What a segment is, in a word."""
    if flags & RST:
        return "RST"
    if flags & SYN:
        return "SYN-ACK" if flags & ACK else "SYN"
    if flags & FIN:
        return "FIN"
    return "data" if length else "ACK"


class Segment:
    """A segment that was seen on the wire."""

    __slots__ = ("ack", "at", "dport", "flags", "kind", "label", "length", "lost", "options", "seq", "side",
                 "source", "sport", "target", "window")

    def __init__(self, raw: bytes, side: str) -> None:
        if raw[0] >> 4 == 4:
            head = (raw[0] & 15) * 4
            self.source, self.target, self.label = raw[12:16], raw[16:20], 0
        else:
            head = 40
            self.source, self.target = raw[8:24], raw[24:40]
            self.label = int.from_bytes(raw[:4]) & 0xFFFFF
        (self.sport, self.dport, self.seq, self.ack, offset, self.flags,
         self.window) = struct.unpack("!HHIIBBH", raw[head:head + 16])
        self.options = raw[head + 20:head + (offset >> 4) * 4]
        self.length = len(raw) - head - (offset >> 4) * 4
        self.side = side
        self.at = time.monotonic()
        self.lost = False
        self.kind = kind(self.flags, self.length)

    def __str__(self) -> str:
        return (f"{'lost ' if self.lost else ''}{self.side}: {self.sport} > {self.dport} {self.kind}"
                f" seq {self.seq} ack {self.ack} length {self.length}")


def parse(raw: bytes, side: str) -> Segment | None:
    """What an IP packet holds, if that is a segment."""
    proto = raw[9] if raw[0] >> 4 == 4 else raw[6]
    whole = len(raw) >= (40 if raw[0] >> 4 == 4 else 60)
    return Segment(raw, side) if whole and proto in (PROTO, TCP) else None


def host(family: int, address: str) -> bytes:
    """An address as it stands on the wire."""
    return socket.inet_pton(family, address)
