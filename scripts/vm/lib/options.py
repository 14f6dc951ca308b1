# SPDX-License-Identifier: GPL-2.0
"""Socket options, ioctls and fields of TCP_INFO: those that the kernel's headers
name, and what scripts/test/options.table says of each."""

import glob
import os
import re
from typing import NamedTuple

TABLE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../test/options.table")

# Level, and the headers below include/uapi that name its options.
HEADERS = {
    "socket": ("asm-generic/socket.h", r"SO_"),
    "ip": ("linux/in.h linux/mroute.h", r"IP_|MCAST_|MRT_"),
    "ipv6": ("linux/in6.h linux/in.h linux/mroute6.h", r"IPV6_|MCAST_|MRT6_"),
    "tcp": ("linux/tcp.h", r"TCP_"),
    "ioctl": ("linux/sockios.h asm-generic/sockios.h asm-generic/ioctls.h linux/mroute.h linux/mroute6.h",
              r"SIO|FIO"),
}
LEVELS = {"socket": 1, "ip": 0, "ipv6": 41, "tcp": 6, "rill": 253}

# What begins as an option does, and is a value of one.
VALUES = re.compile(
    r"IP_PMTUDISC_|IP_DEFAULT_|IP_MSFILTER_SIZE|MCAST_(EX|IN)CLUDE|MRT6?_(BASE|MAX|FLUSH_)"
    r"|IPV6_(FL_|FLOWINFO_(FLOWLABEL|PRIORITY)|PRIORITY_|TLV_|PMTUDISC_|PREFER_SRC_)"
    r"|TCP_(ACCECN_|MSS_D|REPAIR_O(N|FF)|MD5SIG_(MAX|FLAG)|AO_(MAX|KEYF)|RECEIVE_ZEROCOPY_FLAG|CM_INQ)"
    r"|SIOC(DEV|PROTO)PRIVATE$")
# Two names of one number.
ALIASES = {"SO_GET_FILTER", "IP_RECVRETOPTS", "SIOGIFINDEX"}
# Numbers that are no literal.
NUMBERS = {"SIOCINQ": 0x541B, "SIOCOUTQ": 0x5411, "SIOCGSTAMP_NEW": 0x80108906,
           "SIOCGSTAMPNS_NEW": 0x80108907,
           "SIOCGETVIFCNT": 0x89E0, "SIOCGETSGCNT": 0x89E1, "SIOCGETRPF": 0x89E2,
           "SIOCGETMIFCNT_IN6": 0x89E0, "SIOCGETSGCNT_IN6": 0x89E1}

Name = tuple[str, str]  # level, name


class Entry(NamedTuple):
    """A line of the table."""

    what: str  # taken, idle, refused, unlike
    text: str  # a test, an errno, words of rill(7)


def names(headers: str) -> dict[Name, int | None]:
    """The options and ioctls that the headers of a kernel name, with their numbers."""
    found: dict[Name, int | None] = {}
    for level, (files, prefix) in HEADERS.items():
        for file in files.split():
            with open(os.path.join(headers, "include/uapi", file)) as header:
                text = header.read()
            base = re.search(r"#define\s+MRT6?_BASE\s+(\d+)", text)
            for name, value in re.findall(
                    rf"^#\s*define[ \t]+((?:{prefix})\w+)[ \t]+(\S+)", text, re.MULTILINE):
                if VALUES.match(name) or name in ALIASES:
                    continue
                number = NUMBERS.get(name)
                step = re.fullmatch(r"\(MRT6?_BASE(?:\+(\d+))?\)", value)
                if step and base:
                    number = int(base[1]) + int(step[1] or 0)
                elif re.fullmatch(r"(0x[0-9A-Fa-f]+|\d+)", value):
                    number = int(value, 0)
                elif number is None:
                    continue
                found[level, name] = number
    with open(os.path.join(headers, "include/uapi/linux/tcp.h")) as header:
        info = re.search(r"struct tcp_info \{(.*?)^\};", header.read(), re.DOTALL | re.MULTILINE)
    assert info
    for line in info[1].splitlines():
        for field in re.findall(r"\b(tcpi_\w+)", line.split("/*")[0]):
            found["info", field] = None
    return found


def headers() -> str:
    """The headers of the kernel that runs."""
    release = os.uname().release
    # Where the module was built for it, or installed.
    cache = os.path.dirname(os.path.dirname(os.environ.get("RILL_KO", "")))
    found = [path for place in (f"{cache}/headers/{release}", "")
             for path in glob.glob(f"{place}/usr/src/linux-headers-*-common")]
    return next(path for path in found if release.startswith(os.path.basename(path)[14:-7]))


def own_names(root: str) -> dict[Name, int | None]:
    """The options of level SOL_RILL."""
    with open(os.path.join(root, "include/uapi/linux/rill.h")) as header:
        return {("rill", name): int(number) for name, number in re.findall(
            r"^#define\s+(RILL_\w+)\s+(\d+)\s*/\*", header.read(), re.MULTILINE)}


def table() -> dict[Name, Entry]:
    """What is said of each."""
    entries = {}
    with open(TABLE) as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                level, name, what, *text = line.split(None, 3)
                entries[level, name] = Entry(what, text[0].strip() if text else "")
    return entries
