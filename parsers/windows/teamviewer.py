r"""Sessions and transfers of TeamViewer (Connections_incoming.txt, Connections.txt, TeamViewer*_Logfile.log).

Shows: sessions to this machine and, per profile, from it, with the other side's number, begin and end, the account logged on here and the kind
of session; of the log those lines that tell of parties joining and leaving, logins tried, and files written, sent and fetched.
Does not show: what was done in a session, nor the other side's address. A name is the other side's own word. A session of remote control can carry
files as well. The log is cut: at a size it becomes `_OLD`, and the `_OLD` before it is lost. The
parties of a session include this machine. That a login was tried does not say it succeeded.
Not read: other lines of the log, whose words TeamViewer does not document; chats, recordings (.tvs), settings in the registry.

Times of Connections_incoming.txt are UTC, those of the log the machine's wall clock. Of Connections.txt nothing published says
which they are, so they are told as a clock of unknown zone.

References:
    - TeamViewer, "Log file reading - incoming connection"
    - Velociraptor, Windows.Applications.TeamViewer.Incoming; Ruler Project, "TeamViewer" (incoming in UTC)
    - B. Lee, "TeamViewer Forensics (Tested on v15)" (2020); MII Cyber Security, "Digital Forensic Artifact of TeamViewer Application"
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
    local,
    parser,
    text,
    utc,
)
from parsers.formats import codecs
from parsers.formats.line_faults import MOST_SIGNS, LineFaults, clock
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.text_lines import TextLines
from parsers.questions import ACCESS, NETWORK

SESSIONS = Table(
    "windows_teamviewer_session",
    Column("session_direction", text, "incoming or outgoing, seen from this machine."),
    Column("remote_id", text, "Number TeamViewer has for the other side."),
    Column("remote_name", text, "Name the other side gives itself.", is_personal=True),
    Column("started_at", utc, "When the session began, of an incoming one."),
    Column("ended_at", utc, "When the session ended, of an incoming one."),
    Column("began_local", local, "When the session began, of an outgoing one, by a clock of unknown zone."),
    Column(
        "finished_local", local, "When the session ended, of an outgoing one, by a clock of unknown zone."
    ),
    Column("local_account", text, "Account logged on at this machine.", is_personal=True),
    Column("session_kind", text, "Kind of session, as written: RemoteControl, FileTransfer, ..."),
    Column("session_guid", text, "Identifier of the session, as written."),
    PROFILE,
    answers=(
        ACCESS(
            where="session_direction = 'incoming'",
            at="started_at",
            account="local_account",
            from_host="remote_id",
        ),
        NETWORK(
            where="session_direction = 'outgoing'",
            remote="remote_id",
            account="local_account",
        ),
    ),
)
LOG = Table(
    "windows_teamviewer_log",
    Column("logged_local", local, "When TeamViewer wrote the line, by the machine's wall clock.", is_machine_clock=True),
    Column("trace_kind", text, "What the line tells: participant_added, participant_removed, login_tried, file_written, file_downloaded, file_uploaded, file_sent."),
    Column("remote_id", text, "Number TeamViewer has for the party or the other side."),
    Column("remote_name", text, "Name the party gives itself.", is_personal=True),
    Column("source_path", text, "File that was fetched or sent, as written."),
    Column("target_path", text, "File that was written, as written."),
    Column("log_note", text, "What the line says, as written.", is_personal=True),
    PROFILE,
)  # fmt: skip

_LOG = re.compile(
    r"(?P<at>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,6}))?\s+\d+\s+\d+\s+\S+\s+(?P<said>.*)"
)
_SIZE = r"(?:\s*\([^()]*\))?\s*"
_KINDS = (
    ("participant_added", re.compile(r"CPersistentParticipantManager::AddParticipant: \[(?P<id>\d+),-?\d+\](?: type=\d+)?(?: name=(?P<name>.*))?")),
    ("participant_removed", re.compile(r"CPersistentParticipantManager::RemoveParticipant: \[(?P<id>\d+),-?\d+\].*")),
    ("login_tried", re.compile(r"AuthenticationBlocker::Allocate: allocate ok for DyngateID (?P<id>\d+).*")),
    ("file_written", re.compile(r"Write file (?P<target>.+)")),
    ("file_downloaded", re.compile(rf"Download from \"(?P<source>.*)\" to \"(?P<target>.*)\"{_SIZE}")),
    ("file_uploaded", re.compile(rf"Upload from \"(?P<source>.*)\" to \"(?P<target>.*)\"{_SIZE}")),
    ("file_sent", re.compile(r"Send file (?P<source>.+)")),
)  # fmt: skip
_LIST_CLOCK, _LOG_CLOCK = "%d-%m-%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"


@parser(
    version=1,
    wants=(
        Want("**/TeamViewer/Connections_incoming.txt", sniff=codecs.is_text),
        Want("**/TeamViewer/Connections.txt", sniff=codecs.is_text),
        Want("**/TeamViewer*_Logfile*.log", sniff=codecs.is_text),
        Want("**/Connections_incoming.txt", sniff=codecs.is_text, is_strict=False),
    ),
    tables=(SESSIONS, LOG),
)
def teamviewer(artefact: Artefact) -> Yields:
    """One row for each session, and for each line of the log that tells of one or of a file."""
    lines = TextLines(artefact)
    faults = LineFaults()
    name = artefact.path.rpartition("/")[2].casefold()
    direction = "incoming" if "incoming" in name else "outgoing"
    known = count = 0
    for number, line in lines:
        said = line.strip("\0\r\ufeff")
        if not said.strip():
            continue
        count += 1
        yield from faults.long(number, said)
        said = said[:MOST_SIGNS]
        if name.endswith(".log"):
            known += _LOG.match(said) is not None
            yield from _log_line(number, said, artefact.path, faults)
        elif fields := _fields(said, direction):
            known += 1
            yield from _session(number, direction, fields, artefact.path, faults)
        else:
            yield from faults.tell(number, f"no line of {name}: {said[:60]!r}")
    if count and not known:
        message = f"none of {count} lines is one of {name}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)
    yield from faults.rest()
    yield from lines.problems()


def _fields(said: str, direction: str) -> dict[str, str] | None:
    """The fields of a list: number, name (of incoming sessions alone), begin, end, account, kind, identifier."""
    parts = [one.strip() for one in said.split("\t")]
    while parts and not parts[-1]:
        parts.pop()
    least = 7 if direction == "incoming" else 6
    if len(parts) < least or not parts[0].isdecimal() or not parts[-1].startswith("{"):
        return None
    began, ended, account, kind, guid = parts[-5:]
    # A name may hold tabs of its own.
    name = " ".join(parts[1:-5])
    return {"id": parts[0], "name": name, "from": began, "to": ended, "account": account, "kind": kind, "guid": guid}  # fmt: skip


def _session(number: int, direction: str, fields: dict[str, str], path: str, faults: LineFaults) -> Yields:
    times: dict[str, Any] = {}
    status = Status.OK
    is_utc = direction == "incoming"
    columns = ("started_at", "ended_at") if is_utc else ("began_local", "finished_local")
    for name, column in zip(("from", "to"), columns, strict=True):
        at = clock(fields[name], _LIST_CLOCK)
        times[column] = at.replace(tzinfo=UTC) if is_utc and at is not None else at
        # A session that ended with the machine has no end.
        if at is None and (fields[name] or name == "from"):
            status = Status.PARTIAL
            yield from faults.tell(number, f"{fields[name][:40]!r} is no date", column)
    yield SESSIONS.row(
        f"line:{number}",
        status,
        session_direction=direction,
        remote_id=fields["id"],
        remote_name=fields["name"] or None,
        local_account=fields["account"] or None,
        session_kind=fields["kind"] or None,
        session_guid=fields["guid"],
        profile_name=profile_name(path),
        **times,
    )


def _log_line(number: int, said: str, path: str, faults: LineFaults) -> Yields:
    line = _LOG.match(said)
    if line is None:
        return
    for kind, pattern in _KINDS:
        if found := pattern.fullmatch(line["said"].strip()):
            at = clock(line["at"], _LOG_CLOCK)
            if at is None:
                yield from faults.tell(number, f"{line['at']} is no date", "logged_local")
            elif line["part"]:
                at = at.replace(microsecond=int(line["part"].ljust(6, "0")))
            status = Status.OK if at is not None else Status.PARTIAL
            yield LOG.row(f"line:{number}", status, **_values(kind, found, line, at, path))
            return


def _values(
    kind: str, found: re.Match[str], line: re.Match[str], at: datetime | None, path: str
) -> dict[str, Any]:
    parts = found.groupdict()
    return {
        "logged_local": at,
        "trace_kind": kind,
        "remote_id": parts.get("id"),
        "remote_name": parts.get("name") or None,
        "source_path": parts.get("source"),
        "target_path": parts.get("target"),
        "log_note": line["said"].strip(),
        "profile_name": profile_name(path),
    }
