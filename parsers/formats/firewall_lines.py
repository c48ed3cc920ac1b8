"""Lines in which firewalls tell of sessions: FortiGate's key=value and Palo Alto's comma-separated traffic logs, bare or behind syslog.

References:
    - Fortinet, FortiOS Log Message Reference, traffic logs (eventtime: nanoseconds since FortiOS 6.2, seconds before)
    - Palo Alto Networks, PAN-OS, "Traffic Log Fields"
"""

from __future__ import annotations

import csv
import ipaddress
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_PAIR = re.compile(r'([A-Za-z_][\w.-]{0,63})=(?:"((?:[^"\\]|\\.)*+)"|(\S*))', re.ASCII)
_ZONE = re.compile(r"[+-]\d{2}:?\d{2}", re.ASCII)
_PALO = re.compile(
    r"(?:^|[\s>])\d?,(?P<received>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d),[^,]{0,64},(?P<type>[A-Z-]{3,20}),",
    re.ASCII,
)
_PALO_FIELDS = {
    6: "generated", 7: "srcip", 8: "dstip", 11: "rule", 12: "user", 14: "app", 16: "from", 17: "to", 22: "session", 24: "srcport",
    25: "dstport", 29: "proto", 30: "action", 32: "sentbyte", 33: "rcvdbyte",
}  # fmt: skip
_PALO_LEAST = 34
_EXACT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d:\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# FortiOS wrote seconds, then nanoseconds; collectors write what lies between.
_UNITS = {10: 1_000_000, 13: 1_000, 16: 1, 19: -1_000}
_INSIDE = tuple(
    ipaddress.ip_network(one)
    for one in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip


def fortigate(line: str) -> dict[str, str] | None:
    """The values of a line of FortiGate by key; None where it is none."""
    if "logid=" not in line or "type=" not in line:
        return None
    found = {one[1]: one[3] if one[2] is None else one[2] for one in _PAIR.finditer(line)}
    return found if {"logid", "type"} <= found.keys() else None


def palo_alto(line: str) -> dict[str, str] | None:
    """The values of a line of Palo Alto by the keys of the other, `type` with them; None where it is none."""
    front = _PALO.search(line)
    if front is None:
        return None
    if front["type"] != "TRAFFIC":
        return {"type": front["type"]}
    # The first field is a number or nothing, and stands in front of the comma.
    (parts,) = csv.reader([line[front.start("received") - 1 :]])
    values = {name: parts[at] for at, name in _PALO_FIELDS.items() if at < len(parts) and parts[at]}
    exact = next((one for one in parts[_PALO_LEAST:] if _EXACT.fullmatch(one)), None)
    is_whole = len(parts) >= _PALO_LEAST
    return {
        **values,
        "type": "traffic",
        **({"exact": exact} if exact else {}),
        **({} if is_whole else {"fields": str(len(parts))}),
    }


def clocks(values: dict[str, str]) -> tuple[datetime | None, datetime | None]:
    """The instant where the line tells one, and the wall clock it tells."""
    wall = _wall(values.get("generated") or f"{values.get('date', '')} {values.get('time', '')}")
    if exact := values.get("exact"):
        return _read(exact), wall
    event, zone = values.get("eventtime", ""), values.get("tz", "")
    unit = _UNITS.get(len(event)) if event.isascii() and event.isdigit() else None
    if unit is not None:
        micros = int(event) * unit if unit > 0 else int(event) // -unit
        return _EPOCH + timedelta(microseconds=micros), wall
    if wall is not None and _ZONE.fullmatch(zone):
        return _read(f"{wall.isoformat()}{zone}"), wall
    return None, wall


def _read(stored: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stored).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1024)
def _wall(stored: str) -> datetime | None:
    if not re.fullmatch(r"\d{4}[/-]\d\d[/-]\d\d \d\d:\d\d:\d\d", stored, re.ASCII):
        return None
    try:
        return datetime.fromisoformat(stored.replace("/", "-"))
    except ValueError:
        return None


def is_outbound(source: str | None, target: str | None) -> bool | None:
    """Whether a session went from an address of the inside to one of the outside; None where both are of one side."""
    inner, outer = _is_inside(source), _is_inside(target)
    return None if inner is None or outer is None or inner == outer else inner


@lru_cache(maxsize=4096)
def _is_inside(stored: str | None) -> bool | None:
    try:
        address = ipaddress.ip_address(stored or "")
    except ValueError:
        return None
    return any(address in one for one in _INSIDE if one.version == address.version)
