r"""Traffic logs of firewalls: FortiGate (key=value), Palo Alto (comma-separated), Cisco ASA, and the Linux kernel (iptables, ufw, firewalld).

Shows: which sessions were let through or refused, between which addresses, and how many bytes went each way (of Cisco ASA both ways together).
Does not show: what was sent; what did not pass the firewall, or rules that do not log. Sent are the bytes of the side that began the
session: of one begun from outside, what left stands as received. A session is written when it ends; a long one several times,
each with its bytes so far, under one `session_id`. The address of the outside is as the firewall saw it before or after translation.
A line of the kernel is one packet, without its bytes, and what a rule let pass without logging it is in none.
Not read: lines of other kinds (events, threats, web filters), sessions of other makers' firewalls.

Times are exact where the line tells an epoch or a zone; else the firewall's own wall clock alone is known, and of a traditional line
of syslog not even the year (`clock_text`, `year_turns`).

References:
    - Fortinet, FortiOS Log Message Reference
    - Palo Alto Networks, PAN-OS, "Traffic Log Fields"
    - Cisco, "Cisco Secure Firewall ASA Series Syslog Messages"; Linux, net/netfilter/nf_log_syslog.c
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    local,
    parser,
    text,
    utc,
)
from parsers.formats import asa_lines, firewall_lines, log_rows, netfilter_lines, syslog
from parsers.questions import NETWORK

SESSIONS = Table(
    "server_firewall",
    Column("logged_at", utc, "When the firewall wrote the line, where it tells an epoch or a zone."),
    Column("logged_local", local, "When the firewall wrote the line, by its own wall clock."),
    syslog.CLOCK_TEXT,
    syslog.YEAR_TURNS,
    Column("log_kind", text, "Form of the line, such as common, combined, w3c, alb, cloudfront, squid, fortigate."),
    Column("firewall_action", text, "What the firewall did, as it writes it: accept, close, deny, allow, drop, ..."),
    Column("is_allowed", boolean, "Whether the session was let through, by what the firewall did."),
    Column("is_outbound", boolean, "Whether it went from a private address to a public one; false the other way round, null otherwise."),
    Column("source_address", text, "Address that began the session."),
    Column("source_port", integer, "Port the session came from."),
    Column("target_address", text, "Address the session went to."),
    Column("target_port", integer, "Port the session went to."),
    Column("target_host", text, "Name of the host it went to, where the line tells it."),
    Column("protocol", text, "Protocol: TCP, UDP, ICMP or its number."),
    Column("application", text, "Service or application the firewall took it for."),
    Column("user_name", text, "Account the firewall knew the source by.", is_personal=True),
    Column("sent_bytes", integer, "Bytes from the side that began the session to the other."),
    Column("received_bytes", integer, "Bytes to the side that began the session."),
    Column("session_bytes", integer, "Bytes both ways together, of a firewall that tells no more."),
    Column("source_zone", text, "Interface or zone it came from."),
    Column("target_zone", text, "Interface or zone it went to."),
    Column("rule_name", text, "Name or number of the rule that decided."),
    Column("session_id", integer, "Number of the session."),
    # A line with a wall clock alone is answered by a rule, as an interval.
    answers=NETWORK(
        where="is_allowed is not false and is_outbound is not false and (logged_at is not null or logged_local is null and clock_text is null)", at="logged_at", remote="target_address", sent_bytes="sent_bytes",
        received_bytes="received_bytes", account="user_name", from_host="source_address",
    ),
)  # fmt: skip

_TEXTS = {
    "action": "firewall_action",
    "srcip": "source_address",
    "dstip": "target_address",
    "hostname": "target_host",
    "dstname": "target_host",
    "proto": "protocol",
    "service": "application",
    "app": "application",
    "user": "user_name",
    "srcintf": "source_zone",
    "from": "source_zone",
    "dstintf": "target_zone",
    "to": "target_zone",
    "policyid": "rule_name",
    "policyname": "rule_name",
    "rule": "rule_name",
}
_NUMBERS = {
    "srcport": "source_port",
    "dstport": "target_port",
    "sentbyte": "sent_bytes",
    "rcvdbyte": "received_bytes",
    "sessionid": "session_id",
    "session": "session_id",
}
_PROTOCOLS = {"1": "ICMP", "6": "TCP", "17": "UDP"}
_ALLOWED = {"accept", "allow", "pass", "close", "timeout", "client rst", "server rst", "start"}
_REFUSED = {"deny", "drop", "drop icmp", "reset both", "reset client", "reset server", "block", "blocked"}


_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
# `logging timestamp` of Cisco: month, day, year, clock, and a name of a zone that whoever set it up made up.
_DATED = re.compile(
    r"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{4}) (\d\d:\d\d:\d\d)(?:\.\d{1,6})?( UTC\b)?", re.ASCII
)
_KERNEL_LOGS = ("ufw.log*", "kern.log*", "iptables.log*", "syslog*", "messages*")


def _is_firewall_log(head: bytes) -> bool:
    return log_rows.most(
        firewall_lines.fortigate(one)
        or firewall_lines.palo_alto(one)
        or asa_lines.is_message(one)
        or _packet(syslog.line_of(one))
        for one in log_rows.first_lines(head)
    )


@parser(
    version=2,
    wants=(
        Want(sniff=_is_firewall_log),
        *(Want(f"**/{name}", sniff=syslog.is_log, is_strict=False) for name in _KERNEL_LOGS),
    ),
    tables=(SESSIONS,),
)
def firewall(artefact: Artefact) -> Yields:
    """One row per session or packet that a line tells of, in order; the locator is the line's number."""
    rows = log_rows.LogRows(SESSIONS)
    clocks = syslog.Clocks(artefact, syslog.stamp_without_year)
    yield from log_rows.read(artefact, rows, _Reader(rows, clocks).feed)


class _Reader:
    """Makes a row of a line by the form it has."""

    def __init__(self, rows: log_rows.LogRows, clocks: syslog.Clocks) -> None:
        self._rows = rows
        self._clocks = clocks
        self._asa = asa_lines.Messages()

    def feed(self, number: int, line: str) -> None:
        """Take the next line."""
        self._clocks.take(syslog.stamp_without_year(line))
        kind, stored = "fortigate", firewall_lines.fortigate(line)
        if stored is None:
            kind, stored = "palo_alto", firewall_lines.palo_alto(line)
        if stored is not None:
            if stored["type"] == "traffic":
                self._rows.add(number, _values(self._rows, number, kind, stored))
        elif (asa := self._asa.values(line)) is not None:
            self._dated(number, "cisco_asa", *asa)
        elif (found := syslog.line_of(line)) is not None:
            # Other programs write into the same log.
            if (packet := _packet(found)) is not None:
                self._dated(number, "netfilter", line, packet)
        elif not asa_lines.is_tagged(line):
            self._rows.fault(number, "the line is none of a firewall that is known")

    def _dated(self, number: int, kind: str, front: str, values: dict[str, Any] | None) -> None:
        """Take a row whose time stands before its message."""
        if values is None:
            self._rows.fault(number, "the message is not in the form that is documented")
            return
        values["log_kind"] = kind
        values["logged_at"], values["logged_local"] = _clock(front)
        stamp = syslog.stamp_without_year(front)
        if values["logged_at"] is None and values["logged_local"] is None:
            told, is_time = ({}, False) if stamp is None else self._clocks.without_year(stamp)
            values |= told
            if not is_time:
                self._rows.fault(number, "no time that can be read", "logged_at")
        self._rows.add(number, values)


def _packet(line: syslog.Line | None) -> dict[str, Any] | None:
    """The values of a line that the kernel wrote of a packet."""
    if line is None or line.program not in ("kernel", "ulogd"):
        return None
    return netfilter_lines.values_of(line.message)


def _clock(front: str) -> tuple[datetime | None, datetime | None]:
    """The instant, or the wall clock with its year, that stands before a message: of several the last, which is the device's own."""
    wall = None
    for found in _ISO.finditer(front):
        at, local_at = syslog.iso(found[0])
        if at is not None:
            return at, None
        wall = local_at or wall
    for dated in _DATED.finditer(front):
        known = syslog.in_year(f"{dated[1]} {dated[2]} {dated[4]}", int(dated[3])) if int(dated[3]) else None
        if known is not None and dated[5]:
            return known.replace(tzinfo=UTC), None
        wall = known or wall
    return None, wall


def _values(rows: log_rows.LogRows, number: int, kind: str, stored: dict[str, str]) -> dict[str, Any]:
    told = {name: value for name, value in stored.items() if value and value != "N/A"}
    values: dict[str, Any] = {"log_kind": kind, **dict(log_rows.given(told, _TEXTS))}
    for column, value in log_rows.given(told, _NUMBERS):
        values[column] = rows.number(number, column, value)
    if count := stored.get("fields"):
        rows.fault(number, f"the line has {count} fields, and ends before its bytes")
    protocol = values.get("protocol")
    values["protocol"] = _PROTOCOLS.get(protocol, protocol.upper()) if protocol else None
    action = (values.get("firewall_action") or "").casefold().replace("-", " ")
    values["is_allowed"] = True if action in _ALLOWED else False if action in _REFUSED else None
    values["is_outbound"] = firewall_lines.is_outbound(
        values.get("source_address"), values.get("target_address")
    )
    values["logged_at"], values["logged_local"] = firewall_lines.clocks(told)
    if values["logged_at"] is None and values["logged_local"] is None:
        rows.fault(number, "no time that can be read", "logged_at")
    return values
