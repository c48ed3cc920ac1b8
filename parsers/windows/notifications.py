r"""Notifications of Windows (wpndatabase.db): what programs showed to a user, and when it arrived.

Shows: that a notification of a program arrived under the profile, its texts (titles of mails, messages, calls,
downloads), and what it opens.
Does not show: that the user saw or opened it, who wrote the texts, or notifications that were dismissed or are older
than their expiry: rows are removed then. `arrived_at` is the clock of the machine.
Not read: pictures, settings of the programs, deleted rows in free pages and earlier states in the write-ahead log;
appdb.dat of Windows before version 1607.

References:
    - Microsoft, "Toast schema" (toast, text, launch) and Windows Push Notification Services
    - Y. Khatri, "Windows 10 Notifications Database" (swiftforensics)
    - SQLite, "Database File Format"
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
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
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import filetime
from parsers.formats.profile import profile_name
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Stored, open_database

NOTIFICATION = Table(
    "windows_notification",
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
    Column("notification_id", integer, "Number of the notification."),
    Column("notification_kind", text, "toast, tile, badge or another word, as stored."),
    Column("application_id", text, "Application user model identifier of the program."),
    Column("arrived_at", utc, "When the notification arrived."),
    Column("expires_at", utc, "When the row was to be removed."),
    Column("notification_texts", texts, "Texts shown, in order.", is_personal=True),
    Column(
        "launch_text", text, "What the program is given when the notification is opened.", is_personal=True
    ),
    Column("notification_tag", text, "Tag the program gave the notification."),
    Column("notification_group", text, "Group the program gave the notification."),
    Column("payload_bytes", integer, "Size of the notification's content."),
    Column(
        "is_wal_applied", boolean, "Whether a write-ahead log was applied to the database before it was read."
    ),
)

_COLUMNS = ("Id", "HandlerId", "Type", "Payload", "Tag", "Group", "ExpiryTime", "ArrivalTime")
_MOST_PAYLOAD_BYTES = 1 << 20
_MOST_TEXTS = 200
# A document type could define entities that grow without limit; toasts have none.
_DOCTYPE = (b"<!doctype", b"<!entity")


@parser(
    version=1,
    wants=(Want("**/Notifications/wpndatabase.db", signature=SIGNATURE, is_shared=True),),
    tables=(NOTIFICATION,),
    companions=COMPANION_SUFFIXES,
)
def notifications(artefact: Artefact) -> Yields:
    """One row for each notification kept."""
    with open_database(artefact) as database:
        if database.is_open and not database.has("Notification"):
            database.tell(ProblemKind.DAMAGED, "Notification", "the database has no table Notification")
        yield from database.problems()
        common = {"profile_name": profile_name(artefact.path), "is_wal_applied": database.is_wal_applied}
        programs = {
            stored.values.get("RecordId"): stored.values.get("PrimaryId")
            for stored in database.rows("NotificationHandler", ("RecordId", "PrimaryId"))
        }
        for stored in database.rows("Notification", _COLUMNS):
            yield from _notification(stored, common, programs.get(stored.values.get("HandlerId")))
            yield from database.problems()
        yield from database.problems()


def _notification(stored: Stored, common: Mapping[str, Any], program: Any) -> Yields:
    values: dict[str, Any] = {**common, "application_id": program if isinstance(program, str) else None}
    errors: list[tuple[str, str]] = []
    for name, column, kind in (
        ("Id", "notification_id", int), ("Type", "notification_kind", str), ("Tag", "notification_tag", str), ("Group", "notification_group", str)
    ):  # fmt: skip
        value = stored.values.get(name)
        if isinstance(value, kind):
            values[column] = value if value != "" else None
        elif value is not None:
            errors.append((column, f"{name} holds {str(value)[:40]!r}"))
    for name, column in (("ArrivalTime", "arrived_at"), ("ExpiryTime", "expires_at")):
        value = stored.values.get(name)
        try:
            values[column] = filetime.instant(value) if isinstance(value, int) else None
            if value is not None and not isinstance(value, int):
                errors.append((column, f"{name} holds {str(value)[:40]!r}"))
        except ValueError as error:
            errors.append((column, f"{name}: {error}"))
    payload = stored.values.get("Payload")
    payload = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
    if isinstance(payload, bytes) and payload:
        values["payload_bytes"] = len(payload)
        # Payloads of another kind (raw, badges of numbers) hold no texts.
        if payload.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
            try:
                values |= _texts(payload)
            except ValueError as error:
                errors.append(("notification_texts", str(error)[:200]))
    is_ok = stored.status is Status.OK and not errors
    yield NOTIFICATION.row(stored.locator, Status.OK if is_ok else Status.PARTIAL, **values)
    for column, message in errors:
        yield Problem(kind=ProblemKind.DAMAGED, locator=stored.locator, message=message, column=column)


def _texts(payload: bytes) -> dict[str, Any]:
    """Texts and launch argument of a toast or tile.

    Raises:
        ValueError: it is no XML, has a document type, or is too large.
    """
    if len(payload) > _MOST_PAYLOAD_BYTES:
        raise ValueError(f"a payload of {len(payload)} bytes is not taken apart")
    if any(mark in payload.lower() for mark in _DOCTYPE):
        raise ValueError("a payload with a document type is not taken apart")
    try:
        root = ElementTree.fromstring(payload)  # document types are refused above
    except (ElementTree.ParseError, LookupError) as error:  # LookupError: an encoding that is none
        raise ValueError(f"the payload is no XML: {error}") from error
    shown: list[str] = []
    for one in root.iter("text"):
        if one.text and one.text.strip() and len(shown) < _MOST_TEXTS:
            shown.append(one.text)
    return {"notification_texts": shown or None, "launch_text": root.get("launch") or None}
