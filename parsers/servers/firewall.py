r"""Traffic logs of firewalls: FortiGate (key=value) and Palo Alto (comma-separated), as files or as syslog wrote them.

Shows: which sessions were let through or refused, between which addresses, and how many bytes went each way.
Does not show: what was sent; what did not pass the firewall, or rules that do not log. Sent are the bytes of the side that began the
session: of one begun from outside, what left stands as received. A session is written when it ends; a long one several times,
each with its bytes so far, under one `session_id`. The address of the outside is as the firewall saw it before or after translation.
Not read: lines of other kinds (events, threats, web filters), sessions of other makers' firewalls, which write no bytes or one sum.

Times are exact where the line tells an epoch or a zone; else the firewall's own wall clock alone is known.

References:
    - Fortinet, FortiOS Log Message Reference
    - Palo Alto Networks, PAN-OS, "Traffic Log Fields"
"""

from __future__ import annotations

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
from parsers.formats import firewall_lines, log_rows
from parsers.questions import NETWORK

SESSIONS = Table(
    "server_firewall",
    Column("logged_at", utc, "When the firewall wrote the line, where it tells an epoch or a zone."),
    Column("logged_local", local, "When the firewall wrote the line, by its own wall clock."),
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
    Column("source_zone", text, "Interface or zone it came from."),
    Column("target_zone", text, "Interface or zone it went to."),
    Column("rule_name", text, "Name or number of the rule that decided."),
    Column("session_id", integer, "Number of the session."),
    answers=NETWORK(
        where="is_allowed is not false and is_outbound is not false", at="logged_at", remote="target_address", sent_bytes="sent_bytes",
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


def _is_firewall_log(head: bytes) -> bool:
    return log_rows.most(
        firewall_lines.fortigate(one) or firewall_lines.palo_alto(one) for one in log_rows.first_lines(head)
    )


@parser(version=1, wants=(Want(sniff=_is_firewall_log),), tables=(SESSIONS,))
def firewall(artefact: Artefact) -> Yields:
    """One row per session that a line tells of, in order; the locator is the line's number."""
    rows = log_rows.LogRows(SESSIONS)
    yield from log_rows.read(artefact, rows, lambda number, line: _feed(rows, number, line))


def _feed(rows: log_rows.LogRows, number: int, line: str) -> None:
    kind, stored = "fortigate", firewall_lines.fortigate(line)
    if stored is None:
        kind, stored = "palo_alto", firewall_lines.palo_alto(line)
    if stored is None:
        rows.fault(number, "the line is none of a firewall that is known")
    elif stored["type"] == "traffic":
        rows.add(number, _values(rows, number, kind, stored))


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
