# SPDX-License-Identifier: GPL-2.0
"""sock_diag's requests and answers (linux/sock_diag.h, linux/inet_diag.h)."""

import errno
import operator
import os
import socket
import struct
from collections import namedtuple
from collections.abc import Iterator

from command import Problem
from tables import read

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 4, 20, 21
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQ_BYTECODE = 1
INFO, CONG, SKMEMINFO, SHUTDOWN, V6ONLY, MARK, CGROUP = 2, 4, 7, 8, 11, 15, 21

# As the kernel numbers them from 1 on (net/tcp_states.h), and as ss shows them.
STATES = ("ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "UNCONN", "CLOSE-WAIT",
          "LAST-ACK", "LISTEN", "CLOSING", "SYN-RECV")
LISTEN = 10

_HEAD = struct.Struct("=IHHII")
_LENGTH_KIND = struct.Struct("=IH")
# Of struct inet_diag_msg; the ports are in network order.
_BODY = struct.Struct("=4B2H16s16s8I")
_ENDS = slice(4, 52)


class Row(namedtuple("Row", "family state timer retransmits sport dport source target device low high expires_ms "
                     "receive send uid inode behind")):
    """A connection as the kernel tells it: struct inet_diag_msg, and the attributes behind it.

    The ports are in network order, as the addresses, of which an IPv4 one has
    four bytes and twelve of zero; low and high are the halves of its cookie.
    """

    __slots__ = ()

    @property
    def cookie(self) -> int:
        """What no other socket has."""
        return self.low | self.high << 32

    def address(self, raw: bytes) -> str:
        """One of its addresses, as text."""
        return socket.inet_ntop(self.family, raw[:4] if self.family == socket.AF_INET else raw)

    @property
    def local_port(self) -> int:
        """As people write it."""
        return socket.ntohs(self.sport)

    @property
    def peer_port(self) -> int:
        """As people write it."""
        return socket.ntohs(self.dport)

    def attributes(self) -> dict[int, bytes]:
        """What the kernel tells besides."""
        found, at, behind = {}, 0, self.behind
        while at + 4 <= len(behind):
            length, kind = struct.unpack_from("=HH", behind, at)
            if length < 4:
                break
            found[kind] = behind[at + 4:at + length]
            at += length + 3 & ~3
        return found


def protocol() -> int:
    """The number of the module that is loaded."""
    number = os.environ.get("RILL_PROTOCOL", "")
    if not number:
        try:
            number = read("/sys/module/rill/parameters/protocol")
        except OSError:
            raise Problem("rill.ko is not loaded (modprobe rill)") from None
    if not number.isdecimal() or int(number) > 255:
        raise Problem(f"RILL_PROTOCOL is '{number}', which is no protocol's number")
    return int(number)


def _failed(number: int) -> Exception:
    """What an error of the kernel's means."""
    if number == errno.ENOENT:
        return Problem("no rill_diag.ko for this kernel; install the module again (make install, or rill-dkms)")
    return OSError(number, os.strerror(number))


def _alike(data: bytes) -> list[tuple[object, ...]]:
    """The fields of messages of one length, by one loop of Python's own; none if they are of several."""
    length, kind = _LENGTH_KIND.unpack_from(data)
    if kind != SOCK_DIAG_BY_FAMILY or len(data) % length or length % 4:
        return []
    # The length and the kind are looked at, and the rest of the head is not.
    form = f"=IH10x{_BODY.format[1:]}{length - _HEAD.size - _BODY.size}s"
    found = list(struct.iter_unpack(form, data))
    heads = set(map(operator.itemgetter(0, 1), found))
    return list(map(operator.itemgetter(slice(2, None)), found)) if heads == {(length, kind)} else []


def _messages(asked: socket.socket) -> Iterator[list[tuple[object, ...]]]:
    """The fields of what comes, up to its end."""
    while True:
        data = asked.recv(1 << 17)
        found = _alike(data)
        if found:
            yield found
            continue
        at, end = 0, len(data)
        while at < end:
            length, kind = _LENGTH_KIND.unpack_from(data, at)
            body = at + _HEAD.size
            if kind in (NLMSG_DONE, NLMSG_ERROR):
                # A list that could not be made ends with its error, too.
                number = -struct.unpack_from("=i", data, body)[0] if length >= _HEAD.size + 4 else 0
                if number > 0:
                    raise _failed(number)
                yield found
                return
            found.append((*_BODY.unpack_from(data, body), data[body + _BODY.size:at + length]))
            at += length + 3 & ~3
        yield found


def _opened() -> socket.socket:
    """A socket for requests."""
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    return made


def _request(kind: int, flags: int, body: bytes) -> bytes:
    """A message with its head."""
    return _HEAD.pack(_HEAD.size + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body


def rows(family: int, states: int, code: bytes, attributes: tuple[int, ...]) -> list[Row]:
    """The connections of a family in these states (bits) that the filter's code lets pass."""
    wanted = sum(1 << one - 1 for one in attributes if one <= 8)
    body = struct.pack("=BBBxI48x", family, protocol(), wanted, states)
    if code:
        body += struct.pack("=HH", 4 + len(code), REQ_BYTECODE) + code
    found: list[Row] = []
    with _opened() as asked:
        asked.send(_request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, body))
        for some in _messages(asked):
            found += map(Row._make, some)
    # Where others come and go, or the table grows, one may be listed twice: once by its cookie.
    return list(dict(zip(map(operator.itemgetter(9, 10), found), found)).values())


def destroy(row: Row) -> bool:
    """End it, and nothing that has come in its place; was it there still?"""
    body = struct.pack("=BBBxI", row.family, protocol(), 0, 1 << row.state) + _BODY.pack(*row[:-1])[_ENDS]
    with _opened() as asked:
        asked.send(_request(SOCK_DESTROY, NLM_F_ACK, body))
        try:
            for _ in _messages(asked):
                pass
        except Problem:
            return False
        except OSError as error:
            if error.errno == errno.EOPNOTSUPP:
                raise Problem("this kernel ends no sockets (CONFIG_INET_DIAG_DESTROY)") from None
            raise
    return True
