r"""Windows Timeline (ActivitiesCache.db): what a user had open, in which program, from when to when.

Shows: that a program reported an activity under the profile: a file, page or window opened (kind open), a program in
front of the user and for how many seconds (kind in_use), text put on the clipboard where its history was on.
Does not show: that the file was read or still exists, or that this machine was the one: with a Microsoft account
activities of other devices are here too (`platform_device_id` tells which are of one device). Times are the clock of
the machine that reported, whole seconds. Rows are kept about 30 days; an activity the user removed may be gone, or
have the status deleted.
Not read: pictures and application settings of the database; deleted rows in free pages and earlier states in the
write-ahead log; activities stored with the account only.

References:
    - E. Zimmerman, "Windows 10 Timeline" and WxTCmd; K. Johnson and others, "ActivitiesCache.db vs NTUSER.DAT"
    - Microsoft, UserActivity (Windows.ApplicationModel.UserActivities), KNOWNFOLDERID
    - SQLite, "Database File Format"
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.profile import profile_name
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Database, Stored, open_database
from parsers.questions import OPENED, RAN, VISITED

ACTIVITY = Table(
    "windows_activity",
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
    Column("timeline_id", text, "Identifier of the activity, thirty-two hex digits as stored."),
    Column("activity_type", integer, "Kind of the activity, as Windows numbers it."),
    Column(
        "activity_kind", text, "open, in_use, clipboard, copy_paste, notification, mobile_backup or other."
    ),
    Column("activity_status", integer, "State of the row: 1 active, 2 updated, 3 deleted, 4 ignored."),
    Column("program_path", text, "Path of the program, as stored; its name alone where no path is known."),
    Column("application_id", text, "Application user model identifier of the program."),
    Column("application_display_name", text, "Name of the program as shown."),
    Column("opened_path", text, "Path of what was opened."),
    Column("content_uri", text, "Address of what was opened, as stored.", is_personal=True),
    Column("display_text", text, "Title shown for the activity.", is_personal=True),
    Column(
        "activity_description", text, "Text shown below the title, often a path or address.", is_personal=True
    ),
    Column("clipboard_text", text, "Text put on the clipboard.", is_personal=True),
    Column("started_at", utc, "When the activity began."),
    Column("ended_at", utc, "When the activity ended; null where it has no end."),
    Column("active_seconds", integer, "Seconds the program was in use, as it reported."),
    Column("activity_modified_at", utc, "Last change of the activity's row, wherever it was made."),
    Column("client_modified_at", utc, "Last change of the activity's row on the device it belongs to."),
    Column("expires_at", utc, "When the row was to be removed."),
    Column("user_time_zone", text, "Time zone of the user as the activity states it."),
    Column("platform_device_id", text, "Identifier of the device the activity was reported by."),
    Column("is_local_only", boolean, "Whether the activity was to stay on its device."),
    Column(
        "is_pending", boolean, "Whether the row stands in the queue of changes to be sent to the account."
    ),
    Column(
        "is_wal_applied", boolean, "Whether a write-ahead log was applied to the database before it was read."
    ),
    answers=(
        OPENED(
            where="activity_kind = 'open' AND opened_path IS NOT NULL",
            at="started_at",
            what="opened_path",
            account="profile_name",
        ),
        RAN(
            where="activity_kind IN ('open', 'in_use') AND program_path IS NOT NULL",
            at="started_at",
            program_path="program_path",
            account="profile_name",
        ),
        VISITED(
            where="activity_kind = 'open' AND content_uri LIKE 'http%'",
            at="started_at",
            url="content_uri",
            account="profile_name",
        ),
    ),
)

# As WxTCmd and others name the numbers; Microsoft does not publish them.
_KINDS = {2: "notification", 3: "mobile_backup", 5: "open", 6: "in_use", 10: "clipboard", 16: "copy_paste"}
_TIMES = {
    "StartTime": "started_at",
    "EndTime": "ended_at",
    "LastModifiedTime": "activity_modified_at",
    "LastModifiedOnClient": "client_modified_at",
    "ExpirationTime": "expires_at",
}
_COLUMNS = ("Id", "AppId", "ActivityType", "ActivityStatus", "OperationType", "Payload", "ClipboardPayload", "PlatformDeviceId", "IsLocalOnly", *_TIMES)  # fmt: skip
_PATH = re.compile(r"(?:[A-Za-z]:\\|\\\\[^\\]+\\|\{[0-9A-Fa-f-]{36}\}\\)")
_DRIVE = re.compile(r"/*([A-Za-z]:/)")
# Unix seconds of the years 1970 to 9999.
_LAST_SECOND = 253402300799


@parser(
    version=1,
    wants=(Want("**/ActivitiesCache.db", signature=SIGNATURE, is_shared=True),),
    tables=(ACTIVITY,),
    companions=COMPANION_SUFFIXES,
)
def activities_cache(artefact: Artefact) -> Yields:
    """One row for each activity, then one for each in the queue of changes to be sent."""
    common: dict[str, Any] = {"profile_name": profile_name(artefact.path)}
    with open_database(artefact) as database:
        if database.is_open and not database.has("Activity"):
            database.tell(ProblemKind.DAMAGED, "Activity", "the database has no table Activity")
        yield from database.problems()
        common["is_wal_applied"] = database.is_wal_applied
        for table in ("Activity", "ActivityOperation") if database.is_open else ():
            for stored in database.rows(table, _COLUMNS):
                yield from _activity(stored, {**common, "is_pending": table == "ActivityOperation"}, database)
            yield from database.problems()


def _activity(stored: Stored, common: Mapping[str, Any], database: Database) -> Yields:
    row = _Row(stored)
    kind = stored.values.get("ActivityType")
    status = stored.values.get("ActivityStatus", stored.values.get("OperationType"))
    payload = row.json("Payload", "display_text")
    values = {
        **common,
        "timeline_id": row.value("timeline_id", "Id", _identifier),
        "activity_type": row.value("activity_type", "ActivityType", _integer),
        "activity_kind": _KINDS.get(kind, "other") if isinstance(kind, int) else None,
        "activity_status": status if isinstance(status, int) else None,
        "platform_device_id": row.value("platform_device_id", "PlatformDeviceId", _string),
        "is_local_only": row.value("is_local_only", "IsLocalOnly", lambda value: bool(_integer(value))),
        **_program(row.json("AppId", "program_path")),
        **{column: row.value(column, name, _instant) for name, column in _TIMES.items()},
    }
    if isinstance(payload, dict):
        values |= _payload(payload)
    clips = row.json("ClipboardPayload", "clipboard_text")
    if isinstance(clips, list) and clips:
        values["clipboard_text"] = row.guarded("clipboard_text", lambda: _clipboard(clips))
    is_ok = stored.status is Status.OK and not row.problems
    yield ACTIVITY.row(stored.locator, Status.OK if is_ok else Status.PARTIAL, **values)
    yield from row.problems
    yield from database.problems()


class _Row:
    """A stored row being read: values that cannot be read become problems naming their column."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.problems: list[Problem] = []

    def guarded(self, column: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, or None and a problem where it raises ValueError."""
        try:
            return make()
        except (ValueError, RecursionError) as error:
            message = str(error)[:200]
            self.problems.append(
                Problem(kind=ProblemKind.DAMAGED, locator=self.stored.locator, message=message, column=column)
            )
            return None

    def value(self, column: str, name: str, convert: Callable[[Any], Any]) -> Any:
        """A stored value converted; None where it is null."""
        value = self.stored.values.get(name)
        return None if value is None else self.guarded(column, lambda: convert(value))

    def json(self, name: str, column: str) -> Any:
        """A stored value as JSON; None where it is null or empty."""
        return self.value(column, name, _json)


def _json(value: Any) -> Any:
    if not isinstance(value, str | bytes):
        raise ValueError(f"{str(value)[:40]!r} is no JSON")  # noqa: TRY004
    return json.loads(value) if value else None


def _identifier(value: Any) -> str:
    """The GUID of an activity; bytes as stored, texts as they are."""
    if isinstance(value, bytes) and len(value) == 16:
        return value.hex()
    return uuid.UUID(_string(value)).hex


def _integer(value: Any) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{str(value)[:40]!r} is no number")  # noqa: TRY004  told, not raised further
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:40]!r} is no text")  # noqa: TRY004
    return value


def _instant(value: Any) -> datetime | None:
    """Unix seconds; 0 stands for none."""
    seconds = _integer(value)
    if not 0 <= seconds <= _LAST_SECOND:
        raise ValueError(f"{seconds} seconds since 1970 are no time")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _program(entries: Any) -> dict[str, Any]:
    """The program in AppId: entries of platform and application; a path where one is given, else its name."""
    found: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("application"), str) and entry["application"]:
            found.setdefault(str(entry.get("platform")), entry["application"])
    win32 = found.get("x_exe_path") or found.get("windows_win32")
    universal = found.get("windows_universal")
    return {"program_path": win32 or universal or found.get("packageId"), "application_id": universal}


def _payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: one for name, one in payload.items() if isinstance(one, str) and one}
    seconds = payload.get("activeDurationSeconds")
    return {
        "display_text": texts.get("displayText"),
        "application_display_name": texts.get("appDisplayName"),
        "activity_description": texts.get("description"),
        "content_uri": texts.get("contentUri"),
        "user_time_zone": texts.get("userTimezone"),
        "active_seconds": seconds if isinstance(seconds, int) and 0 <= seconds < 1 << 63 else None,
        "opened_path": _opened(texts.get("description"), texts.get("contentUri")),
    }


def _opened(description: str | None, uri: str | None) -> str | None:
    """The path of a file: where the description is one it, else the one in a `file:` address."""
    if description is not None and _PATH.match(description):
        return description
    if uri is None or not uri.lower().startswith("file:"):
        return None
    path = unquote(uri[5:].partition("?")[0], errors="backslashreplace")
    if local := _DRIVE.match(path):
        return path[local.start(1) :].replace("/", "\\")
    path = path.replace("/", "\\")
    return path.lstrip("\\") if _PATH.match(path.lstrip("\\")) else path or None


def _clipboard(clips: list[Any]) -> str | None:
    """Text on the clipboard, in base64 beside the name of its format."""
    found = [
        base64.b64decode(one["content"], validate=True).decode("utf-8", "backslashreplace")
        for one in clips
        if isinstance(one, dict) and one.get("formatName") == "Text" and isinstance(one.get("content"), str)
    ]
    return "\n".join(found) if found else None
