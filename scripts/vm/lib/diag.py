# SPDX-License-Identifier: GPL-2.0
"""sock_diag: requests, filters and answers (linux/sock_diag.h, linux/inet_diag.h)."""

import errno
import os
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from net import V4

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 4, 20, 21
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQ_BYTECODE = 1
ANY_STATE = 0xFFFFFFFF
NO_COOKIE = (0xFFFFFFFF, 0xFFFFFFFF)
# Attributes of an answer; the bit of a request is the number less one.
MEMINFO, INFO, CONG, TOS, TCLASS, SKMEMINFO, SHUTDOWN, MARK = 1, 2, 4, 5, 6, 7, 8, 15
# Operations of a filter.
JMP, S_GE, S_LE, D_GE, D_LE, AUTO, S_COND, D_COND, DEV_COND, MARK_COND, S_EQ, D_EQ, CGROUP_COND = range(1, 14)


class Ends(NamedTuple):
    """struct inet_diag_sockid."""

    sport: int = 0
    dport: int = 0
    source: str = ""
    target: str = ""
    device: int = 0
    cookie: tuple[int, int] = NO_COOKIE

    def pack(self, family: int) -> bytes:
        """As it is sent."""
        source, target = (socket.inet_pton(family, one) if one else b"" for one in (self.source, self.target))
        return struct.pack("!HH16s16s", self.sport, self.dport, source, target) + struct.pack(
            "=III", self.device, *self.cookie)


class Answer(NamedTuple):
    """struct inet_diag_msg and its attributes."""

    family: int
    state: int
    timer: int
    retransmits: int
    ends: Ends
    expires: int
    reading: int
    sending: int
    uid: int
    inode: int
    attributes: dict[int, bytes]
    flags: int


def answer(body: bytes, flags: int) -> Answer:
    """What a message says."""
    family, state, timer, retransmits = body[:4]
    sport, dport, source, target = struct.unpack("!HH16s16s", body[4:40])
    device, first, second, expires, reading, sending, uid, inode = struct.unpack("=8I", body[40:72])
    size = 4 if family == V4 else 16
    attributes, at = {}, 72
    while at + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, at)
        attributes[kind] = body[at + 4:at + length]
        at += length + 3 & ~3
    ends = Ends(sport, dport, socket.inet_ntop(family, source[:size]), socket.inet_ntop(family, target[:size]), device,
                (first, second))
    return Answer(family, state, timer, retransmits, ends, expires, reading, sending, uid, inode, attributes, flags)


def opened() -> socket.socket:
    """A socket for requests, of this thread's namespace."""
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)


def request(proto: int, family: int, ends: Ends = Ends(), states: int = ANY_STATE, ext: int = 0, code: bytes = b"",
            kind: int = SOCK_DIAG_BY_FAMILY, flags: int = NLM_F_DUMP) -> bytes:
    """A request, with a filter."""
    body = struct.pack("=BBBxI", family, proto, ext, states) + ends.pack(family or V4)
    if code:
        body += struct.pack("=HH", 4 + len(code), REQ_BYTECODE) + code
    return struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body


def answers(asked: socket.socket) -> Iterator[Answer]:
    """What comes until it is done; an error is raised."""
    while True:
        data = asked.recv(1 << 18)
        while data:
            length, kind, flags = struct.unpack_from("=IHH", data)
            body, data = data[16:length], data[length + 3 & ~3:]
            if kind in (NLMSG_DONE, NLMSG_ERROR):
                # A list that could not be made ends with its error.
                number = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
                if number > 0:
                    raise OSError(number, os.strerror(number))
                return
            yield answer(body, flags)
            if not flags & 2:
                return


def listed(proto: int, family: int, **wanted: object) -> list[Answer]:
    """All that pass."""
    with opened() as asked:
        asked.send(request(proto, family, **wanted))  # type: ignore[arg-type]
        return list(answers(asked))


def found(proto: int, family: int, ends: Ends, ext: int = 0) -> Answer:
    """One by its ends."""
    with opened() as asked:
        asked.send(request(proto, family, ends, ext=ext, flags=0))
        return next(answers(asked))


def destroyed(proto: int, family: int, ends: Ends) -> str:
    """Have one destroyed; returns the error's name, or ok."""
    with opened() as asked:
        asked.send(request(proto, family, ends, kind=SOCK_DESTROY, flags=NLM_F_ACK))
        try:
            list(answers(asked))
        except OSError as error:
            return errno.errorcode[error.errno or 0]
    return "ok"


# ------------------------------------------------------- filters

def op(code: int, more: bytes = b"") -> bytes:
    """An operation that goes on if it is so, and else rejects: every() says where that is."""
    return struct.pack("=BBH", code, 4 + len(more), 0) + more


def port(code: int, number: int) -> bytes:
    """S_EQ, D_GE and their like."""
    return op(code, struct.pack("=BBH", 0, 0, number))


def host(code: int, family: int, address: str, prefix: int, number: int = -1) -> bytes:
    """S_COND and D_COND: an address, a port."""
    raw = socket.inet_pton(family, address) if family else b""
    return op(code, struct.pack("=BBxxi", family, prefix, number) + raw)


def device(index: int) -> bytes:
    """DEV_COND."""
    return op(DEV_COND, struct.pack("=I", index))


def mark(value: int, mask: int) -> bytes:
    """MARK_COND."""
    return op(MARK_COND, struct.pack("=II", value, mask))


def every(*parts: bytes) -> bytes:
    """A filter that all of these operations, or filters, must pass."""
    code = b"".join(parts)
    done, at = bytearray(code), 0
    while at < len(code):
        # Out of the filter, and four bytes beyond: rejected. A jump inside one of the parts stays as it is.
        if not struct.unpack_from("=H", done, at + 2)[0]:
            struct.pack_into("=H", done, at + 2, len(code) - at + 4)
        at += code[at + 1]
    return bytes(done)


def either(first: bytes, second: bytes) -> bytes:
    """A filter that passes what passes the first operation, or else the second."""
    # If the first is not so, behind the jump, to the second.
    jump = struct.pack("=BBH", JMP, 4, 4 + len(second))
    return first[:2] + struct.pack("=H", len(first) + 4) + first[4:] + jump + second
