r"""Lines of the Linux kernel on packets that a rule of iptables, nftables, ufw or firewalld had it log.

Each line is a packet, not a session. What became of it the line does not say: the words before it are those of whoever wrote the
rule, and only where they name what was done (BLOCK, DROP, ACCEPT ...) it is taken from them.

References:
    - Linux, net/netfilter/nf_log_syslog.c (IN=, OUT=, SRC=, DST=, PROTO=, SPT=, DPT=)
    - ufw(8), LOGGING; firewalld, LogDenied
"""

from __future__ import annotations

import re
from typing import Any

from parsers.formats import firewall_lines

_PACKET = re.compile(r"\bIN=(?P<in>\S*) OUT=(?P<out>\S*)(?= )", re.ASCII)
_PAIR = re.compile(r"\b(SRC|DST|PROTO|SPT|DPT)=(\S+)", re.ASCII)
_CLOCK = re.compile(r"^\[\s*\d{1,10}\.\d{6}\]\s*", re.ASCII)
_REFUSED = re.compile(r"block|drop|reject|den(?:y|ied)", re.IGNORECASE)
_ALLOWED = re.compile(r"allow|accept|permit", re.IGNORECASE)
_MOST_SIGNS = 80


def values_of(message: str) -> dict[str, Any] | None:
    """The values of a message of the kernel; None where it tells of no packet."""
    packet = _PACKET.search(message)
    if packet is None:
        return None
    # An ICMP error quotes the packet it is about behind its own, in brackets.
    own = message[packet.end() :].partition("[SRC=")[0]
    told: dict[str, str] = dict(_PAIR.findall(own))
    if "SRC" not in told or "DST" not in told:
        return None
    words = _CLOCK.sub("", message[: packet.start()]).strip(" :-[]")[:_MOST_SIGNS]
    return {
        "firewall_action": words or None,
        "is_allowed": False if _REFUSED.search(words) else True if _ALLOWED.search(words) else None,
        "source_address": told["SRC"],
        "target_address": told["DST"],
        "source_port": _port(told.get("SPT")),
        "target_port": _port(told.get("DPT")),
        "protocol": told["PROTO"].upper() if "PROTO" in told else None,
        "source_zone": packet["in"] or None,
        "target_zone": packet["out"] or None,
        "is_outbound": firewall_lines.is_outbound(told["SRC"], told["DST"]),
    }


def _port(stored: str | None) -> int | None:
    return int(stored) if stored and stored.isascii() and stored.isdigit() and len(stored) < 6 else None
