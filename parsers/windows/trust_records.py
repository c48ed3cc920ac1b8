r"""Documents a user trusted in Microsoft Office (NTUSER.DAT, ...\Security\Trusted Documents\TrustRecords).

Shows: each document for which the user left Protected View ("Enable Editing") or let macros and other active content
run ("Enable Content"), and the minute in which that was done; the document was open then.
Does not show: openings without either button, nor documents in trusted locations; that macros ran, or what they did.
Both buttons are one record: what was done last stands in it. Office purges old records.
Not read: LastPurgeTime, records of the cloud, deleted values.

The layout is undocumented. The record's FILETIME is the creation time of the document's file and is given as that;
it can lie after the trust (a file restored or unpacked keeps its stamps). The act itself stands in the minutes since
1970 at offset 16: in every record compared, they are the minute the key was written in, or that of the document's
entry in File MRU, and they do not depend on the time zone at offset 8.

References:
    - M. DeGrazia, "More on Trust Records, Macros and Security, Oh My!" (2016)
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from parsers.contract import Artefact, Column, ProblemKind, Row, Table, Yields, integer, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, read_hive
from parsers.questions import OPENED
from parsers.windows.office_mru import office_programs

TRUST_RECORDS = Table(
    "windows_trust_records",
    Column("target_path", text, "Path or address of the document, escapes undone."),
    Column("trusted_at", utc, "Minute in which the user trusted the document."),
    Column("trusted_for", text, "editing (Protected View was left), content (macros may run) or unknown."),
    Column("trust_flags", integer, "What the document is trusted for, as stored."),
    Column("document_created_at", utc, "Creation time of the document's file, as the record gives it."),
    Column(
        "clock_offset_minutes", integer, "Minutes the machine's wall clock was ahead of UTC at that time."
    ),
    Column("office_program", text, "Program of Microsoft Office, as its key is named."),
    Column("office_version", text, "Version of Microsoft Office, as its key is named."),
    *HIVE_COLUMNS,
    answers=OPENED(at="trusted_at", what="target_path", account="profile_name"),
)

_RECORD = struct.Struct("<QqII")  # FILETIME, offset of the zone in 100 ns, minutes since 1970, flags
_TICKS_PER_MINUTE = 600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FLAGS = {0x00000001: "editing", 0x7FFFFFFF: "content"}
_VARIABLE = re.compile(r"%[A-Z][A-Z0-9_()]*%(?=[/\\]|$)", re.IGNORECASE)


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(TRUST_RECORDS,),
    companions=LOG_SUFFIXES,
)
def trust_records(artefact: Artefact) -> Yields:
    """One row for each record of each program, in stored order."""
    yield from read_hive(artefact, ("NTUSER",), (r"Software\Microsoft\Office",), _rows)


def _rows(user: UserHive, office: Key) -> Iterator[Row]:
    for version, program in office_programs(user, office):
        key = user.hive.key(r"Security\Trusted Documents\TrustRecords", program)
        for value in () if key is None else user.values(key):
            if key is None or not value.name:
                continue
            yield user.row(
                TRUST_RECORDS,
                value.locator,
                key,
                target_path=_path(value.name),
                office_version=version,
                office_program=program.name,
                **_record(user, value),
            )


def _path(stored: str) -> str:
    """A document's path: escapes are undone behind the variable in front, a local path gets its backslashes back."""
    variable = _VARIABLE.match(stored)
    head = variable[0] if variable else ""
    try:
        told = head + unquote(stored[len(head) :], errors="strict")
    except UnicodeDecodeError:
        told = stored
    return told if "://" in told else told.replace("/", "\\")


def _record(user: UserHive, value: Value) -> dict[str, Any]:
    """What the 24 bytes of a record say."""
    if len(value.content) != _RECORD.size:
        message = f"a record has {_RECORD.size} bytes, this has {len(value.content)}"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "trusted_at")
        return {}
    created, zone, minutes, flags = _RECORD.unpack(value.content)
    return {
        "document_created_at": user.hive.instant_of(created, value.locator, "document_created_at"),
        "clock_offset_minutes": zone // _TICKS_PER_MINUTE,
        "trusted_at": _minute(user, value, minutes),
        "trust_flags": flags,
        "trusted_for": _FLAGS.get(flags, "unknown"),
    }


def _minute(user: UserHive, value: Value, minutes: int) -> datetime | None:
    """The instant of a count of minutes since 1970; None for 0."""
    if not minutes:
        return None
    try:
        return _EPOCH + timedelta(minutes=minutes)
    except OverflowError:
        message = f"{minutes} minutes since 1970 lie after the year 9999"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "trusted_at")
        return None
