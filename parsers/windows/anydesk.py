r"""Sessions and transfers of AnyDesk (connection_trace.txt, file_transfer_trace.txt, ad.trace, ad_svc.trace).

Shows: who connected to this machine by AnyDesk, to the minute, and how they were let in; files copied by the clipboard or the file
manager; of the traces those lines that tell of requests, addresses, logins, files made ready to be sent, and connections begun from here.
Does not show: what was done in a session, when it ended, or from here to whom in connection_trace.txt, which is of incoming ones. An alias is the
other side's own word. Which way `download` and `upload` went is seen from the side that asked for it, so a transfer alone does not prove that
something left. `Logged in from` is held by published research to be the address of the other side; a relay may stand between. The person of a
profile can delete and edit the files; traces are cut at their front as they grow.
Not read: other lines of the traces, settings (system.conf, user.conf), chats, recordings, thumbnails.

The files name no zone. That their clocks are UTC is said by dissect.target; connection_trace.txt and ad.trace agree to the minute in published cases.

References:
    - AnyDesk, "Connection Log" (Incoming, time, User, Passwd, Token, REJECTED, alias, ID)
    - Fox-IT, dissect.target, plugin remoteaccess.anydesk (UTC; example of file_transfer_trace.txt)
    - L. Chua, inversecos, "Forensic Analysis of AnyDesk Logs" (2021); A. Hera, "AnyDesk Trace File Forensics"
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    parser,
    text,
    utc,
)
from parsers.formats import codecs
from parsers.formats.line_faults import MOST_SIGNS, LineFaults, clock
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.text_lines import TextLines
from parsers.questions import ACCESS, NETWORK

_REMOTE_ID = Column("remote_id", text, "Number or address AnyDesk has for the other side.")
_REMOTE_NAME = Column("remote_name", text, "Alias or name the other side gives itself.", is_personal=True)
SESSIONS = Table(
    "windows_anydesk_session",
    Column("connected_at", utc, "When the connection was asked for, to the minute."),
    Column("session_direction", text, "Incoming or another word, as written."),
    Column("let_in_by", text, "How it was let in, as written: User, Passwd, Token, REJECTED."),
    Column("action", text, "What happened: logon, logoff, failed, unlock, connect."),
    _REMOTE_NAME,
    _REMOTE_ID,
    PROFILE,
    answers=ACCESS(
        where="lower(session_direction) = 'incoming'",
        at="connected_at",
        action="action",
        from_host="remote_id",
    ),
)
TRANSFERS = Table(
    "windows_anydesk_transfer",
    Column("logged_at", utc, "When AnyDesk wrote the line, to the minute."),
    Column("transfer_channel", text, "Clipboard or FileManager, as written."),
    Column("transfer_step", text, "start, finish or another word, as written."),
    Column("transfer_kind", text, "download or upload, as written, seen from the side that asked for it."),
    Column("file_name", text, "Name of the file, without a path."),
    Column(
        "transfer_note", text, "What stands behind the name, as written: the part done and the size, rounded."
    ),
    PROFILE,
)
TRACE = Table(
    "windows_anydesk_trace",
    Column("logged_at", utc, "When AnyDesk wrote the line."),
    Column("trace_kind", text, "What the line tells: session_request, relay_login, external_address, client_id, authenticated, connecting, files_prepared, file_transfer, session_closed."),
    Column("trace_component", text, "Part of AnyDesk that wrote the line."),
    _REMOTE_ID,
    _REMOTE_NAME,
    Column("remote_address", text, "Address the line names, without its port."),
    Column("target_path", text, "File or folder the line is about, as written."),
    Column("log_note", text, "What else the line says, as written.", is_personal=True),
    PROFILE,
    answers=(
        ACCESS(where="trace_kind = 'session_request'", at="logged_at", from_host="remote_id"),
        ACCESS(where="trace_kind = 'relay_login'", at="logged_at", from_host="remote_address"),
        NETWORK(where="trace_kind = 'connecting'", at="logged_at", remote="remote_id", account="profile_name"),
    ),
)  # fmt: skip

_WIDE_BLANKS = re.compile(r"\t+|\s{2,}")
_MINUTES = re.compile(r"\d{4}-\d\d-\d\d, \d\d:\d\d", re.ASCII)
_TRACE = re.compile(
    r"\s*[a-z]+\s+(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6})\s+(?:\S+\s+){1,4}?(?P<component>[A-Za-z_]+(?:\.[A-Za-z_]+)*)\s+- (?P<said>.*)"
)
_KINDS = (
    ("session_request", re.compile(r"Incoming session request: (?P<name>.*) \((?P<id>\d+)\)")),
    ("relay_login", re.compile(r"Logged in from (?P<address>\S+?)(?::\d{1,5})?(?: |\.?$)")),
    ("external_address", re.compile(r"External address: (?P<address>\S+?)(?::\d{1,5})?\.?$")),
    ("client_id", re.compile(r"(?:.*\b)?Client-ID: (?P<id>\d+)")),
    ("authenticated", re.compile(r"Authenticated ")),
    ("connecting", re.compile(r"Connecting to \"?(?P<id>[^\"\s]+?)\"?\.{0,3}(?: |$)")),
    ("files_prepared", re.compile(r"Preparing files in '(?P<path>.*)'")),
    ("file_transfer", re.compile(r"Preparation of \d+ files")),
    ("session_closed", re.compile(r"Session (?:closed|stopped)")),
)
_MINUTE, _MICROSECOND = "%Y-%m-%d, %H:%M", "%Y-%m-%d %H:%M:%S.%f"


@parser(
    version=1,
    wants=(
        Want("**/AnyDesk/**/connection_trace.txt", sniff=codecs.is_text),
        Want("**/AnyDesk/connection_trace.txt", sniff=codecs.is_text),
        Want("**/AnyDesk/file_transfer_trace.txt", sniff=codecs.is_text),
        Want("**/AnyDesk/**/*.trace", sniff=codecs.is_text),
        Want("**/connection_trace.txt", sniff=codecs.is_text, is_strict=False),
        Want("**/file_transfer_trace.txt", sniff=codecs.is_text, is_strict=False),
        Want("**/ad.trace", sniff=codecs.is_text, is_strict=False),
        Want("**/ad_svc.trace", sniff=codecs.is_text, is_strict=False),
    ),
    tables=(SESSIONS, TRANSFERS, TRACE),
)
def anydesk(artefact: Artefact) -> Yields:
    """One row for each session and transfer, and for each line of a trace that tells of one."""
    lines = TextLines(artefact)
    faults = LineFaults()
    name = artefact.path.rpartition("/")[2].casefold()
    read = _transfer if name.startswith("file_transfer") else _session if name.endswith(".txt") else _trace
    known = count = 0
    for number, line in lines:
        said = line.strip("\0\r\ufeff")
        if not said.strip():
            continue
        count += 1
        yield from faults.long(number, said)
        said = said[:MOST_SIGNS]
        values = read(said)
        if values is not None:
            known += 1
            yield from _told(number, values, artefact.path, faults)
        elif read is not _trace:
            yield from faults.tell(number, f"no line of {name}: {said[:60]!r}")
        elif _TRACE.match(said):
            known += 1
    if count and not known:
        message = f"none of {count} lines is one of {name}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)
    yield from faults.rest()
    yield from lines.problems()


def _told(number: int, values: dict[str, Any], path: str, faults: LineFaults) -> Yields:
    table = values.pop("table")
    column = "connected_at" if table is SESSIONS else "logged_at"
    if values[column] is None:
        yield from faults.tell(number, "the date is none of the calendar", column)
    status = Status.OK if values[column] is not None else Status.PARTIAL
    yield table.row(f"line:{number}", status, profile_name=profile_name(path), **values)


def _session(said: str) -> dict[str, Any] | None:
    """Direction, time, way in, alias and number, parted by blanks."""
    fields = _WIDE_BLANKS.split(said.strip())
    if len(fields) < 3 or not _MINUTES.fullmatch(fields[1]):
        return None
    by = fields[2]
    name, _, number = " ".join(fields[3:]).rpartition(" ")
    if not number.isdecimal():
        name, number = f"{name} {number}".strip(), ""
    return {
        "table": SESSIONS,
        "connected_at": _instant(fields[1], _MINUTE),
        "session_direction": fields[0],
        "let_in_by": by,
        "action": "failed" if by.casefold() == "rejected" else "connect",
        "remote_name": name or None,
        "remote_id": number or None,
    }


def _transfer(said: str) -> dict[str, Any] | None:
    """Channel, time, step, kind and the name in quotes, parted by tabs."""
    fields = [one.strip() for one in said.split("\t") if one.strip()]
    before, quote, rest = " ".join(fields[2:]).partition("'")
    file_name, end, note = rest.rpartition("'")
    if len(fields) < 3 or not quote or not end or not _MINUTES.fullmatch(fields[1]):
        return None
    step, _, kind = before.strip().partition(" ")
    return {
        "table": TRANSFERS,
        "logged_at": _instant(fields[1], _MINUTE),
        "transfer_channel": fields[0],
        "transfer_step": step or None,
        "transfer_kind": kind.strip() or None,
        "file_name": file_name or None,
        "transfer_note": note.strip() or None,
    }


def _trace(said: str) -> dict[str, Any] | None:
    line = _TRACE.match(said)
    if line is None:
        return None
    for kind, pattern in _KINDS:
        if found := pattern.match(line["said"]):
            parts = found.groupdict()
            return {
                "table": TRACE,
                "logged_at": _instant(line["at"], _MICROSECOND),
                "trace_kind": kind,
                "trace_component": line["component"],
                "remote_id": parts.get("id"),
                "remote_name": parts.get("name"),
                "remote_address": parts.get("address"),
                "target_path": parts.get("path"),
                "log_note": line["said"].strip(),
            }
    return None


def _instant(stored: str, layout: str) -> datetime | None:
    found = clock(stored, layout)
    return None if found is None else found.replace(tzinfo=UTC)
