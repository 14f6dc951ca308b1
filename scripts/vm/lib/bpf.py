# SPDX-License-Identifier: GPL-2.0
"""BPF programs, written by hand and loaded by the system call alone.

A program is the bytes of its instructions: the functions here make some each,
and a program is their sum. Where the kernel's structures have their fields is
read from /sys/kernel/btf/vmlinux.
"""

import ctypes
import os
import struct

from net import libc

SYS_BPF = 321  # x86-64
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD = 0, 1, 2, 5
RAW_TRACEPOINT_OPEN, MAP_LOOKUP_AND_DELETE, LINK_CREATE = 17, 21, 28
MAP_ARRAY, MAP_QUEUE = 2, 22
PROG_CGROUP_SKB, PROG_LSM = 8, 29
INGRESS, EGRESS, LSM_MAC = 0, 1, 27
CALL_LOOKUP, CALL_LOAD_BYTES, CALL_SOCKET_UID, CALL_CGROUP_ID, CALL_PUSH = 1, 26, 47, 79, 87
FRAME = 10  # the register that points to the end of the stack
SIZES = {1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18}


def _bpf(command: int, attr: bytes, what: str) -> int:
    """The system call."""
    room = ctypes.create_string_buffer(attr.ljust(144, b"\0"), 144)
    result = libc.syscall(SYS_BPF, command, room, 144)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"bpf: {what}: {os.strerror(number)}")
    return result


# ---------------------------------------------------------------- instructions

def _instruction(code: int, target: int = 0, source: int = 0, offset: int = 0, value: int = 0) -> bytes:
    return struct.pack("<BBhi", code, target | source << 4, offset, value)


def load(size: int, target: int, source: int, offset: int) -> bytes:
    """target = *(source + offset)"""
    return _instruction(0x61 | SIZES[size], target, source, offset)


def store(size: int, target: int, offset: int, source: int) -> bytes:
    """*(target + offset) = source"""
    return _instruction(0x63 | SIZES[size], target, source, offset)


def put(size: int, target: int, offset: int, value: int) -> bytes:
    """*(target + offset) = value"""
    return _instruction(0x62 | SIZES[size], target, 0, offset, value)


def move(target: int, source: int) -> bytes:
    """target = source"""
    return _instruction(0xBF, target, source)


def number(target: int, value: int) -> bytes:
    """target = value"""
    return _instruction(0xB7, target, value=value)


def add(target: int, value: int) -> bytes:
    """target += value"""
    return _instruction(0x07, target, value=value)


def mask(target: int, value: int) -> bytes:
    """target &= value"""
    return _instruction(0x57, target, value=value)


def count(target: int, offset: int, source: int) -> bytes:
    """*(target + offset) += source, on all processors at once"""
    return _instruction(0xDB, target, source, offset)


def call(function: int) -> bytes:
    """r0 = function(r1, ...)"""
    return _instruction(0x85, value=function)


def of_map(target: int, file: int) -> bytes:
    """target = the map"""
    return _instruction(0x18, target, 1, value=file) + _instruction(0)


def frame(target: int, offset: int) -> bytes:
    """target = an address on the stack"""
    return move(target, FRAME) + add(target, offset)


def leave(value: int) -> bytes:
    """return value"""
    return number(0, value) + _instruction(0x95)


def when(register: int, value: int, then: bytes) -> bytes:
    """if (register == value) then"""
    return _instruction(0x55, register, 0, len(then) // 8, value) + then


def unless(register: int, value: int, then: bytes) -> bytes:
    """if (register != value) then"""
    return _instruction(0x15, register, 0, len(then) // 8, value) + then


# ---------------------------------------------------------------- maps

class Map:
    """An array, or a queue if there is no key."""

    def __init__(self, size: int, entries: int, queue: bool = False) -> None:
        self.size = size
        self.file = _bpf(MAP_CREATE, struct.pack("<5I", MAP_QUEUE if queue else MAP_ARRAY,
                                                 0 if queue else 4, size, entries, 0), "map")

    def _access(self, command: int, key: int | None, value: ctypes.Array[ctypes.c_char]) -> None:
        at = ctypes.c_uint32(key or 0)
        _bpf(command, struct.pack("<IxxxxQQQ", self.file, 0 if key is None else ctypes.addressof(at),
                                  ctypes.addressof(value), 0), "map")

    def read(self, key: int) -> bytes:
        """An element of an array."""
        value = ctypes.create_string_buffer(self.size)
        self._access(MAP_LOOKUP, key, value)
        return value.raw

    def write(self, key: int, value: bytes) -> None:
        """Change one."""
        self._access(MAP_UPDATE, key, ctypes.create_string_buffer(value, self.size))

    def take(self) -> list[bytes]:
        """All that a queue holds; it is empty then."""
        taken = []
        value = ctypes.create_string_buffer(self.size)
        try:
            while True:
                self._access(MAP_LOOKUP_AND_DELETE, None, value)
                taken.append(value.raw)
        except FileNotFoundError:
            return taken


# ---------------------------------------------------------------- types

class Btf:
    """The kernel's types: those with the names that are asked for at the beginning."""

    FUNC = 12
    AGGREGATES = (4, 5)
    MODIFIERS = (8, 9, 10, 11, 18)
    # Bytes behind a type's head, for each kind: fixed, and for each member.
    TAILS = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12),
             17: (4, 0), 19: (0, 12)}

    def __init__(self, *names: str) -> None:
        with open("/sys/kernel/btf/vmlinux", "rb") as file:
            self.data = file.read()
        head, types, length, self.strings, size = struct.unpack_from("<I4I", self.data, 4)
        self.strings += head
        wanted = {self.data.index(b"\0%s\0" % name.encode(), self.strings, self.strings + size)
                  + 1 - self.strings: name for name in names}
        at, end = head + types, head + types + length
        self.places = [0]
        self.found: dict[tuple[str, bool], int] = {}
        unpack, tails = struct.Struct("<II").unpack_from, self.TAILS
        while at < end:
            name, info = unpack(self.data, at)
            kind = info >> 24 & 31
            # A forward declaration has the name, too.
            if name in wanted and kind in (*self.AGGREGATES, self.FUNC):
                self.found.setdefault((wanted[name], kind == self.FUNC), len(self.places))
            self.places.append(at)
            fixed, each = tails.get(kind, (0, 0))
            at += 12 + fixed + each * (info & 0xFFFF)

    def function(self, name: str) -> int:
        """The id of a function."""
        return self.found[name, True]

    def field(self, name: str, path: str) -> int:
        """Where a structure has a field, in bytes; names of nameless members are left out."""
        at, kind = 0, self.found[name, False]
        for part in path.split("."):
            found = self._member(kind, part)
            if found is None:
                raise KeyError(f"{name}.{path}")
            at, kind = at + found[0], found[1]
        return at

    def _member(self, kind: int, name: str) -> tuple[int, int] | None:
        """A member's place and type."""
        _, info, target = struct.unpack_from("<3I", self.data, self.places[kind])
        if info >> 24 & 31 in self.MODIFIERS:
            return self._member(target, name)
        if info >> 24 & 31 not in self.AGGREGATES:
            return None
        want = name.encode() + b"\0"
        for index in range(info & 0xFFFF):
            word, type_, place = struct.unpack_from("<3I", self.data, self.places[kind] + 12 + 12 * index)
            # With bit fields the upper byte is a width.
            place = (place & 0xFFFFFF if info >> 31 else place) // 8
            if word and self.data.startswith(want, self.strings + word):
                return place, type_
            if not word and (inner := self._member(type_, name)):
                return place + inner[0], inner[1]
        return None


# ---------------------------------------------------------------- programs

def program(kind: int, text: bytes, attach: int, target: int = 0) -> int:
    """Load a program; its file."""
    room = ctypes.create_string_buffer(text)
    license_ = ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 16)
    attr = struct.pack("<IIQQIIQII16sII", kind, len(text) // 8, ctypes.addressof(room), ctypes.addressof(license_),
                       1, len(log), ctypes.addressof(log), 0, 0, b"test", 0, attach)
    attr = attr.ljust(108, b"\0") + struct.pack("<I", target)
    try:
        return _bpf(PROG_LOAD, attr, "program")
    except OSError as error:
        raise RuntimeError(f"{error}\n{log.value.decode()}") from error


def attach_lsm(file: int) -> int:
    """Let a program of a security hook run, until the file that is the answer is closed."""
    return _bpf(RAW_TRACEPOINT_OPEN, struct.pack("<QI", 0, file), "attach to a hook")


def attach_cgroup(group: str, file: int, kind: int) -> int:
    """Let a program run for a cgroup's sockets, until the file that is the answer is closed."""
    directory = os.open(group, os.O_RDONLY)
    link = _bpf(LINK_CREATE, struct.pack("<4I", file, directory, kind, 0), "attach to a cgroup")
    os.close(directory)
    return link
