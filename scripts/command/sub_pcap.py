# SPDX-License-Identifier: GPL-2.0
"""rill pcap: record rill's segments, and show them."""

import os
import shutil
import socket

from command import HERE, NAMESPACE, Option, Problem, Subcommand, count
from filter import addresses, port
from sockdiag import protocol

OPTIONS = (
    Option("i", "interface", "there, default any", "NAME"),
    Option("w", "write", "record into this file, by tcpdump", "FILE"),
    Option("r", "read", "show what was recorded", "FILE"),
    Option("c", "count", "so many segments, then end", "COUNT"),
    Option("p", "port", "from or to it", "PORT"),
    Option("", "print", "only print the filter, for tcpdump or Wireshark's capture", ""),
    NAMESPACE,
)
# Beside the checkout's command, or where make install has put it.
SCRIPTS = (os.path.join(HERE, "../wireshark/rill.lua"), os.path.join(HERE, "rill.lua"))


def expression(number: int, there: int, host: str) -> str:
    """A filter of pcap-filter(7), whose "port" knows TCP, UDP and SCTP alone."""
    v4, v6 = f"ip proto {number}", f"ip6 proto {number}"
    if there >= 0:
        # Behind IPv4's header, whose length differs; of IPv6 without extension headers.
        v4 += f" and (ip[(ip[0] & 15) << 2:2] = {there} or ip[((ip[0] & 15) << 2) + 2:2] = {there})"
        v6 += f" and (ip6[40:2] = {there} or ip6[42:2] = {there})"
    text = f"({v4}) or ({v6})"
    if not host:
        return text
    found = " or ".join(f"host {socket.inet_ntop(family, raw)}" for family, raw in addresses(host))
    return f"({found}) and ({text})"


def run(options: dict[str, str], words: list[str]) -> int:
    """Have tcpdump record, or tshark show."""
    if len(words) > 1:
        raise Problem(f"one address, not '{words[1]}' besides (see rill pcap --help)")
    host = words[0] if words else ""
    there = port(options["port"]) if "port" in options else -1
    if "port" in options and there < 0:
        raise Problem("'*' is no port")
    if "read" in options and ("write" in options or "interface" in options):
        raise Problem("-r goes with neither -w nor -i (see rill pcap --help)")
    limit = ["-c", str(count(options["count"]))] if "count" in options else []
    if "read" in options:
        if host or there >= 0:
            raise Problem("-r shows all that was recorded; tshark -Y chooses")
        with open(options["read"], "rb") as file:
            os.dup2(file.fileno(), 0)
        return show(limit)
    text = expression(protocol(), there, host)
    if "print" in options:
        print(text)
        return 0
    where = ["-i", options.get("interface", "any"), *limit]
    if "write" in options:
        return become(["tcpdump", "-q", *where, "-w", options["write"], text])
    need("tshark")
    os.dup2(recorder(["tcpdump", "-q", "-U", *where, "-w", "-", text]), 0)
    return show(["-l"])


def recorder(words: list[str]) -> int:
    """Start tcpdump; returns what it writes to."""
    need(words[0])
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.dup2(writing, 1)
        os.close(reading)
        os.close(writing)
        os.execvp(words[0], words)
    os.close(writing)
    return reading


def show(words: list[str]) -> int:
    """What comes on stdin, by tshark, with what it has to know of rill.

    Not as root: hundreds of dissectors read what strangers have sent, and later
    versions then run no scripts.
    """
    script = next(filter(os.path.exists, SCRIPTS), "")
    if not script:
        raise Problem(f"no {SCRIPTS[-1]}; install the command again")
    need("tshark")
    # Nobody may be unable to read it where it is.
    fd = os.memfd_create("rill.lua", 0)
    with open(script, "rb") as file:
        os.write(fd, file.read())
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os.environ["HOME"] = "/nonexistent"
    return become(["tshark", "-n", "-X", f"lua_script:/dev/fd/{fd}", "-r", "-", *words])


def need(program: str) -> None:
    """It must be there."""
    if not shutil.which(program):
        raise Problem(f"no {program}; install the package {program}")


def become(words: list[str]) -> int:
    """Go on as another program."""
    need(words[0])
    os.execvp(words[0], words)


COMMAND = Subcommand("[OPTION...] [ADDRESS]", """
Show the segments of rill on this host's network as they pass, by tcpdump and
tshark, or record them into a file. Who may do that says tcpdump(8).
""", OPTIONS, run)
