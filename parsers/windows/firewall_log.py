r"""Logs of the Windows firewall (pfirewall.log).

Shows: which connections and packets the firewall let through or dropped: addresses, ports, direction.
Does not show: which account or page; nor how much was sent: `packet_bytes` is the size of one packet, 0 for an allowed
connection. The log is off unless someone switched it on, and records dropped or allowed traffic alone as set. It is
rewritten at a size limit (one older copy is kept), and `INFO-EVENTS-LOST` rows tell of events it could not write.
Not read: the Security log's and WFP's own events, rules of the firewall (registry).

Times are the machine's wall clock unless the log's header says UTC; only then is there an instant.

References:
    - Microsoft, "Interpreting the Windows Firewall Log" (fields, actions)
    - W3C, Extended Log File Format
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Table,
    Want,
    Yields,
    integer,
    local,
    parser,
    text,
    utc,
)
from parsers.formats import codecs, log_rows
from parsers.questions import NETWORK

TRAFFIC = Table(
    "windows_firewall_log",
    Column("logged_at", utc, "When the firewall wrote the line, of a log whose header says UTC."),
    Column("logged_local", local, "When the firewall wrote the line, by the machine's wall clock.", is_machine_clock=True),
    Column("firewall_action", text, "What the firewall did: ALLOW, DROP, OPEN, CLOSE, OPEN-INBOUND, INFO-EVENTS-LOST."),
    Column("protocol", text, "Protocol: TCP, UDP, ICMP or its number."),
    Column("source_address", text, "Address the packet came from."),
    Column("source_port", integer, "Port the packet came from."),
    Column("target_address", text, "Address the packet went to."),
    Column("target_port", integer, "Port the packet went to."),
    Column("remote_address", text, "Address of the other side, where the line tells the direction."),
    Column("packet_direction", text, "SEND, RECEIVE, FORWARD or UNKNOWN, as written."),
    Column("packet_bytes", integer, "Size of the packet; 0 of an allowed connection."),
    Column("tcp_flags", text, "Flags of a TCP packet, as written."),
    Column("icmp_type", integer, "Type of an ICMP packet."),
    Column("icmp_code", integer, "Code of an ICMP packet."),
    Column("log_note", text, "What the line adds; of INFO-EVENTS-LOST the number of events."),
    Column("process_id", integer, "Process the traffic belongs to."),
    answers=NETWORK(
        where="firewall_action in ('ALLOW', 'OPEN', 'OPEN-INBOUND')", at="logged_at", remote="remote_address"
    ),
)  # fmt: skip

_SOFTWARE = re.compile(rb"#Software:\s*Microsoft (?:Windows|Internet Connection) Firewall", re.IGNORECASE)
_TEXTS = {
    "action": "firewall_action",
    "protocol": "protocol",
    "src-ip": "source_address",
    "dst-ip": "target_address",
    "path": "packet_direction",
    "tcpflags": "tcp_flags",
    "info": "log_note",
}
_NUMBERS = {
    "src-port": "source_port",
    "dst-port": "target_port",
    "size": "packet_bytes",
    "icmptype": "icmp_type",
    "icmpcode": "icmp_code",
    "pid": "process_id",
}
# The fields of version 1.5; a log that has lost its head is read by them.
_FIELDS = [
    "date",
    "time",
    "action",
    "protocol",
    "src-ip",
    "dst-ip",
    "src-port",
    "dst-port",
    "size",
    "tcpflags",
    "tcpsyn",
    "tcpack",
    "tcpwin",
    "icmptype",
    "icmpcode",
    "info",
    "path",
]
_CLOCK = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)


def _is_log(head: bytes) -> bool:
    return _SOFTWARE.search(head.replace(b"\0", b"")) is not None


@parser(
    version=1,
    wants=(
        Want("**/pfirewall*.log", sniff=codecs.is_text),
        Want("**/pfirewall*.log.old", sniff=codecs.is_text),
        Want(sniff=_is_log),
    ),
    tables=(TRAFFIC,),
)
def firewall_log(artefact: Artefact) -> Yields:
    """One row per line, in order; the locator is the line's number."""
    rows = log_rows.LogRows(TRAFFIC)
    yield from log_rows.read(artefact, rows, _Reader(rows).feed)


class _Reader:
    """Makes rows of lines by the fields that are named."""

    def __init__(self, rows: log_rows.LogRows) -> None:
        self._rows = rows
        self._fields: Sequence[str] = ()
        self._is_utc = False
        self._is_headless_told = False

    def feed(self, number: int, line: str) -> None:
        """Take the next line: a directive, or a row."""
        stripped = line.strip("\ufeff \t")
        if stripped.startswith("#"):
            name, _, value = stripped[1:].partition(":")
            if name.casefold() == "fields":
                self._fields = value.lower().split()
            elif name.casefold() == "time format":
                self._is_utc = value.strip().casefold() == "utc"
        elif stripped:
            self._row(number, stripped.split())

    def _row(self, number: int, parts: list[str]) -> None:
        fields = self._fields or _FIELDS
        if not self._fields and not self._is_headless_told:
            self._is_headless_told = True
            message = "no #Fields line stands before this one; the fields of version 1.5 are taken"
            self._rows.problem(ProblemKind.AMBIGUOUS, f"line:{number}", message)
        if len(parts) != len(fields):
            self._rows.fault(number, f"{len(parts)} fields, {len(fields)} are named")
        found = {name: part for name, part in zip(fields, parts, strict=False) if part != "-"}
        values: dict[str, Any] = {column: found.get(name) for name, column in _TEXTS.items()}
        for column, stored in log_rows.given(found, _NUMBERS):
            values[column] = self._rows.number(number, column, stored)
        self._clock(values, number, f"{found.get('date', '')} {found.get('time', '')}".strip())
        way = (values["packet_direction"] or "").upper()
        if way in ("SEND", "RECEIVE"):
            values["remote_address"] = values["target_address" if way == "SEND" else "source_address"]
        self._rows.add(number, values)

    def _clock(self, values: dict[str, Any], number: int, told: str) -> None:
        column = "logged_at" if self._is_utc else "logged_local"
        if not told:
            return
        found = _CLOCK.fullmatch(told)
        year, month, day, hour, minute, second = map(int, found.groups() if found else (0,) * 6)
        try:
            at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            self._rows.fault(number, f"no time: {told[:60]!r}", column)
            return
        values[column] = at if self._is_utc else at.replace(tzinfo=None)
