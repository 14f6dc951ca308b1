# SPDX-License-Identifier: GPL-2.0
"""struct tcp_info and struct sk_meminfo, and how ss shows them."""

import struct
import sys
from collections.abc import Callable

# Of linux/tcp.h, in its order; what a kernel does not have is 0.
_FIELDS = (
    ("state", "B"), ("ca_state", "B"), ("retransmits", "B"), ("probes", "B"), ("backoff", "B"), ("options", "B"),
    ("wscale", "B"), ("limits", "B"),
    *((name, "I") for name in (
        "rto", "ato", "snd_mss", "rcv_mss", "unacked", "sacked", "lost", "retrans", "fackets", "last_data_sent",
        "last_ack_sent", "last_data_recv", "last_ack_recv", "pmtu", "rcv_ssthresh", "rtt", "rttvar", "snd_ssthresh",
        "snd_cwnd", "advmss", "reordering", "rcv_rtt", "rcv_space", "total_retrans")),
    *((name, "Q") for name in ("pacing_rate", "max_pacing_rate", "bytes_acked", "bytes_received")),
    *((name, "I") for name in ("segs_out", "segs_in", "notsent_bytes", "min_rtt", "data_segs_in", "data_segs_out")),
    *((name, "Q") for name in ("delivery_rate", "busy_time", "rwnd_limited", "sndbuf_limited")),
    ("delivered", "I"), ("delivered_ce", "I"),
    ("bytes_sent", "Q"), ("bytes_retrans", "Q"),
    *((name, "I") for name in ("dsack_dups", "reord_seen", "rcv_ooopack", "snd_wnd", "rcv_wnd", "rehash")),
)
_NAMES = [name for name, _ in _FIELDS]
_STRUCT = struct.Struct("=" + "".join(kind for _, kind in _FIELDS))
_NEVER = 2**64 - 1
Info = dict[str, int]
# Bits of options.
TIMESTAMPS, SACK, WSCALE, ECN, ECN_SEEN, FASTOPEN = 1, 2, 4, 8, 16, 32


def info(raw: bytes) -> Info:
    """The structure as the kernel sent it, by name."""
    found = dict(zip(_NAMES, _STRUCT.unpack(raw[:_STRUCT.size].ljust(_STRUCT.size, b"\0"))))
    if sys.byteorder == "big":
        # Bit fields begin at the other end.
        found["wscale"] = found["wscale"] >> 4 | (found["wscale"] & 15) << 4
        found["limits"] = found["limits"] >> 7
    return found


def rate(value: float, numeric: bool) -> str:
    """Bits a second."""
    if numeric:
        return f"{value:.0f}"
    for unit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g}{letter}"
    return f"{value:g}"


def time(ms: int) -> str:
    """A timer's time left, as ss has it."""
    minutes, ms = divmod(ms, 60000)
    secs, ms = divmod(ms, 1000)
    text = ""
    if minutes:
        text, ms = f"{minutes}min", 0
        if minutes > 9:
            secs = 0
    if secs:
        if secs > 9:
            ms = 0
        text += f"{secs}{'.' if ms else 'sec'}"
    return text + (f"{ms:03d}ms" if ms else "")


def memory(raw: bytes) -> str:
    """struct sk_meminfo."""
    value = struct.unpack("=9I", raw[:36].ljust(36, b"\0"))
    return "skmem:(r{},rb{},t{},tb{},f{},w{},o{},bl{},d{})".format(*value)


def _ms(name: str) -> Callable[[Info], str]:
    return lambda i: f"{i[name] / 1000:g}"


def _limited(name: str) -> Callable[[Info], str]:
    return lambda i: f"{i[name] // 1000}ms" + (f"({100 * i[name] / i['busy_time']:.1f}%)" if i["busy_time"] else "")


# How ss shows each field that is not 0, in its order: the word, the field, and
# how, if not as it is; what comes out as nothing is not shown either.
_SHOWN: tuple[tuple[str, str, Callable[[Info], object] | None], ...] = (
    ("rto:", "rto", lambda i: f"{i['rto'] / 1000:g}" if i["rto"] != 3000000 else ""),
    ("backoff:", "backoff", None),
    ("rtt:", "rtt", lambda i: f"{i['rtt'] / 1000:g}/{i['rttvar'] / 1000:g}"),
    ("ato:", "ato", _ms("ato")),
    ("mss:", "snd_mss", None),
    ("pmtu:", "pmtu", None),
    ("rcvmss:", "rcv_mss", None),
    ("advmss:", "advmss", None),
    ("cwnd:", "snd_cwnd", None),
    ("ssthresh:", "snd_ssthresh", lambda i: i["snd_ssthresh"] if i["snd_ssthresh"] < 0xFFFF else 0),
    *((f"{name}:", name, None) for name in (
        "bytes_sent", "bytes_retrans", "bytes_acked", "bytes_received", "segs_out", "segs_in", "data_segs_out",
        "data_segs_in")),
    # What the congestion window allows.
    ("send", "rtt", lambda i: i["snd_cwnd"] * i["snd_mss"] * 8e6 / i["rtt"]),
    ("lastsnd:", "last_data_sent", None),
    ("lastrcv:", "last_data_recv", None),
    ("lastack:", "last_ack_recv", None),
    ("pacing_rate", "pacing_rate", lambda i: i["pacing_rate"] * 8.0 if i["pacing_rate"] != _NEVER else 0),
    ("delivery_rate", "delivery_rate", lambda i: i["delivery_rate"] * 8.0),
    ("delivered:", "delivered", None),
    ("delivered_ce:", "delivered_ce", None),
    ("app_limited", "limits", lambda i: i["limits"] & 1),
    ("busy:", "busy_time", lambda i: f"{i['busy_time'] // 1000}ms"),
    ("rwnd_limited:", "rwnd_limited", _limited("rwnd_limited")),
    ("sndbuf_limited:", "sndbuf_limited", _limited("sndbuf_limited")),
    ("unacked:", "unacked", None),
    ("retrans:", "total_retrans", lambda i: f"{i['retrans']}/{i['total_retrans']}"),
    ("lost:", "lost", None),
    ("sacked:", "sacked", lambda i: i["sacked"] if i["state"] != 10 else 0),
    ("dsack_dups:", "dsack_dups", None),
    ("fackets:", "fackets", None),
    ("reordering:", "reordering", lambda i: i["reordering"] if i["reordering"] != 3 else 0),
    ("reord_seen:", "reord_seen", None),
    ("rcv_rtt:", "rcv_rtt", _ms("rcv_rtt")),
    ("rcv_space:", "rcv_space", None),
    ("rcv_ssthresh:", "rcv_ssthresh", None),
    ("notsent:", "notsent_bytes", None),
    ("minrtt:", "min_rtt", lambda i: f"{i['min_rtt'] / 1000:g}" if i["min_rtt"] != 2**32 - 1 else ""),
    ("rcv_ooopack:", "rcv_ooopack", None),
    ("snd_wnd:", "snd_wnd", None),
    ("rcv_wnd:", "rcv_wnd", None),
    ("rehash:", "rehash", None),
)
_FLAGS = ((TIMESTAMPS, "ts"), (SACK, "sack"), (ECN, "ecn"), (ECN_SEEN, "ecnseen"), (FASTOPEN, "fastopen"))


def line(i: Info, congestion: str, options: bool, numeric: bool) -> str:
    """As ss -i shows it, with -o the options that were agreed on."""
    words = [word for bit, word in _FLAGS if options and i["options"] & bit]
    if congestion:
        words.append(congestion)
    if i["options"] & WSCALE:
        words.append(f"wscale:{i['wscale'] & 15},{i['wscale'] >> 4}")
    for word, field, of in _SHOWN:
        value = i[field] and (of(i) if of else i[field])
        if not value:
            continue
        if word == "app_limited":
            words.append(word)
        elif word.endswith(":"):
            words.append(f"{word}{value}")
        else:
            words.append(f"{word} {rate(value, numeric)}bps")  # type: ignore[arg-type]
    return " ".join(words)
