r"""Short and multimedia messages of Android (mmssms.db).

Shows: each message kept, with the number at its other end, its text and the names of what was attached, whether it came in,
was sent or is a draft, and in which conversation; texts also as text, so that persons named in them are found.
Does not show: who held the telephone, or that a message was read by a person (`is_read`: opened in the list). `stored_at` is the
clock of the telephone; `sent_at` of what came in is the time the network or the sender gave. Any program allowed to
may write messages that were never sent or received (`written_by` names it, where Android kept it).
Not read: files attached (they lie beside the database, `attachment_paths`), what reports of delivery say, messages of other
programs (RCS, messengers), the index of words, deleted rows in free pages and earlier states in the write-ahead log.

References:
    - Android Open Source Project, Telephony.java (TextBasedSmsColumns, BaseMmsColumns, Mms.Addr, Mms.Part, Threads), MmsSmsDatabaseHelper.java
    - Android Open Source Project, PduHeaders.java, CharacterSets.java, PduPersister.java (text kept as one sign for each byte)
    - IANA, Character Sets (MIBenum)
    - SQLite, "Database File Format"
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Text,
    Want,
    Yield,
    Yields,
    boolean,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import codecs
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Database, Stored, open_database
from parsers.formats.sqlite_values import Cells, unix_milliseconds, unix_seconds
from parsers.questions import MESSAGE

PHONE_MESSAGE = Table(
    "android_message",
    Column("message_kind", text, "sms, mms, mms_notification (announced, not fetched) or mms_report (of delivery or reading)."),
    Column("message_folder", text, "inbox, sent, draft, outbox, failed, queued or the number stored."),
    Column("sent_at", utc, "When it was sent: of what came in, as the network or the sender says; null for what was not sent or where it is not told."),
    Column("stored_at", utc, "When the telephone got it, sent it or kept the draft."),
    Column("sender", text, "Number or address it came from; null for the telephone's own.", is_personal=True),
    Column("recipients", text, "Numbers or addresses it went to, separated by a comma and a space; null for the telephone's own.", is_personal=True),
    Column("first_line", text, "Subject, else the first line of the text.", is_personal=True),
    Column("message_subject", text, "Subject as written.", is_personal=True),
    Column("message_text", text, "Text as written.", is_personal=True),
    Column("attachment_names", texts, "Names of the files attached, in order.", is_personal=True),
    Column("attachment_paths", texts, "Paths of the files attached on the telephone, in order."),
    Column("conversation_id", text, "Number of the conversation."),
    Column("conversation_addresses", texts, "Numbers and addresses of the conversation.", is_personal=True),
    Column("is_read", boolean, "Whether it is marked as read."),
    Column("delivery_state", text, "none, complete, pending, failed or the number stored: what the network reported of what was sent."),
    Column("service_centre", text, "Number of the centre it came through."),
    Column("written_by", text, "Program that wrote the row."),
    Column("is_wal_applied", boolean, "Whether a write-ahead log was applied to the database before it was read."),
    answers=MESSAGE(
        where="message_folder IS DISTINCT FROM 'draft' AND message_kind <> 'mms_report'",
        at="sent_at",
        sender="sender",
        recipient="recipients",
        subject="first_line",
    ),
)  # fmt: skip

_SMS = ("thread_id", "address", "date", "date_sent", "read", "status", "type", "subject", "body", "service_center", "creator")  # fmt: skip
_MMS = ("_id", "thread_id", "date", "date_sent", "msg_box", "m_type", "read", "sub", "sub_cs", "creator")
_PARTS = ("mid", "ct", "name", "fn", "cl", "_data", "text")
# TextBasedSmsColumns.MESSAGE_TYPE_*; BaseMmsColumns.MESSAGE_BOX_* has the same first five.
_FOLDERS = {1: "inbox", 2: "sent", 3: "draft", 4: "outbox", 5: "failed", 6: "queued"}
_DELIVERY = {-1: "none", 0: "complete", 32: "pending", 64: "failed"}
# PduHeaders: FROM 0x89; TO 0x97, CC 0x82, BCC 0x81. The token stands for the telephone's own number.
_FROM, _TO = 137, (151, 130, 129)
_OWN = "insert-address-token"
# IANA MIBenum, as CharacterSets.java names them.
_CHARSETS = {3: "ascii", 4: "latin-1", 17: "cp932", 18: "euc_jp", 39: "iso-2022-jp", 106: "utf-8", 1000: "utf-16-be", 1015: "utf-16", 2024: "cp932"}  # fmt: skip
# PduHeaders.MESSAGE_TYPE_*: NOTIFICATION_IND; DELIVERY_IND, READ_REC_IND, READ_ORIG_IND.
_KINDS = {130: "mms_notification", 134: "mms_report", 135: "mms_report", 136: "mms_report"}
_LAYOUT = "application/smil"
# Parts and addresses of multimedia messages come in any order, so they are held.
_MOST_HELD = 500_000
_MOST_TOLD = 10


@dataclass(slots=True)
class _Message:
    """What other tables say of a multimedia message."""

    senders: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    is_partial: bool = False


@parser(
    version=1,
    wants=(Want("**/mmssms.db", signature=SIGNATURE, is_shared=True),),
    tables=(PHONE_MESSAGE,),
    companions=COMPANION_SUFFIXES,
)
def android_messages(artefact: Artefact) -> Yields:
    """One row and one text for each short message, then for each multimedia message; locators are table and row."""
    with open_database(artefact) as database:
        if database.is_open and not (database.has("sms") or database.has("pdu")):
            message = "the database has neither a table sms nor a table pdu"
            database.tell(ProblemKind.UNRECOGNISED, "sms", message)
        yield from database.problems()
        conversations = yield from _conversations(database)
        for stored in database.rows("sms", _SMS):
            yield from _sms(stored, conversations, database)
        yield from database.problems()
        held = yield from _held(database)
        for stored in database.rows("pdu", _MMS):
            one = held.pop(stored.values.get("_id"), _Message())
            yield from _mms(stored, one, conversations, database)
        yield from database.problems()
        if held:
            message = f"addr and part have rows of {len(held)} messages that are not in pdu"
            yield Problem(kind=ProblemKind.DAMAGED, locator="pdu", message=message)
        for number, one in held.items():
            yield from _row(
                f"pdu#{number}", Status.PARTIAL, _of_parts(one) | {"message_kind": "mms"}, database
            )


def _conversations(database: Database) -> Generator[Yield, None, dict[Any, list[str]]]:
    """The addresses of each conversation; `recipient_ids` are numbers of canonical_addresses with blanks between."""
    addresses: dict[str, str] = {}
    for stored in database.rows("canonical_addresses", ("_id", "address"), most=_MOST_HELD):
        cells = Cells(stored)
        told = cells.text("address", "conversation_addresses")
        if told is not None:
            addresses[str(cells.raw("_id"))] = told
        yield from cells.problems()
    found: dict[Any, list[str]] = {}
    for stored in database.rows("threads", ("_id", "recipient_ids"), most=_MOST_HELD):
        ids = str(stored.values.get("recipient_ids") or "").split()
        found[stored.values.get("_id")] = [addresses[one] for one in ids if one in addresses]
        if gone := [one[:20] for one in ids[:_MOST_TOLD] if one not in addresses]:
            message = f"canonical_addresses has no address {', '.join(gone)} of this conversation"
            yield Problem(kind=ProblemKind.DAMAGED, locator=stored.locator, message=message)
    yield from database.problems()
    return found


def _sms(stored: Stored, conversations: Mapping[Any, list[str]], database: Database) -> Yields:
    cells = Cells(stored)
    address = cells.text("address", "sender")
    status = cells.integer("status", "delivery_state")
    values = _common(cells, conversations, "type", unix_milliseconds) | {
        "message_kind": "sms",
        "message_subject": cells.text("subject", "message_subject"),
        "message_text": cells.text("body", "message_text"),
        "delivery_state": None if status is None else _DELIVERY.get(status, str(status)),
        "service_centre": cells.text("service_center", "service_centre"),
    }
    if values["message_folder"] in _FOLDERS.values():
        values["sender" if values["message_folder"] == "inbox" else "recipients"] = address
    values["conversation_addresses"] = values["conversation_addresses"] or ([address] if address else None)
    yield from _row(stored.locator, cells.status, values, database)
    yield from cells.problems()


def _mms(stored: Stored, one: _Message, conversations: Mapping[Any, list[str]], database: Database) -> Yields:
    cells = Cells(stored)
    # Of multimedia messages both times are seconds.
    values = _common(cells, conversations, "msg_box", unix_seconds) | _of_parts(one)
    kind = cells.integer("m_type", "message_kind")
    values |= {
        "message_kind": "mms" if kind is None else _KINDS.get(kind, "mms"),
        "message_subject": _subject(cells),
    }
    status = Status.PARTIAL if one.is_partial else cells.status
    yield from _row(stored.locator, status, values, database)
    yield from cells.problems()


def _common(
    cells: Cells,
    conversations: Mapping[Any, list[str]],
    folder: str,
    read: Callable[[int], datetime],
) -> dict[str, Any]:
    """What short and multimedia messages have in common."""
    number = cells.integer(folder, "message_folder")
    named = None if number is None else _FOLDERS.get(number, str(number))
    thread = cells.integer("thread_id", "conversation_id")
    stored_at = cells.instant("date", "stored_at", read)
    told = cells.instant("date_sent", "sent_at", read)
    return {
        "message_folder": named,
        "stored_at": stored_at,
        "sent_at": told if named == "inbox" else stored_at if named == "sent" else None,
        "conversation_id": None if thread is None else str(thread),
        "conversation_addresses": conversations.get(thread),
        "is_read": cells.flag("read", "is_read"),
        "written_by": cells.text("creator", "written_by"),
    }


def _subject(cells: Cells) -> str | None:
    """A subject out of the form PduPersister keeps it in: one sign for each byte of an encoding it names."""
    told = cells.text("sub", "message_subject")
    charset = _CHARSETS.get(cells.integer("sub_cs", "message_subject") or 0)
    if told is None or charset is None:
        return told
    try:
        return codecs.decode(told.encode("latin-1"), charset)[0] or None
    except UnicodeEncodeError:  # some makers keep it as it reads
        return told


def _held(database: Database) -> Generator[Yield, None, dict[Any, _Message]]:
    """Addresses and parts of each multimedia message."""
    found: dict[Any, _Message] = {}
    for stored in database.rows("addr", ("msg_id", "address", "type"), most=_MOST_HELD):
        cells = Cells(stored)
        one = found.setdefault(cells.raw("msg_id"), _Message())
        kind, address = cells.integer("type", "recipients"), cells.text("address", "recipients")
        one.is_partial |= cells.status is not Status.OK
        yield from cells.problems()
        if address is None or address == _OWN:
            continue
        if kind == _FROM:
            one.senders.append(address)
        elif kind in _TO:
            one.recipients.append(address)
        else:
            one.is_partial = True
            message = f"an address is of kind {kind}, neither of who wrote nor of whom it went to"
            yield Problem(kind=ProblemKind.DAMAGED, locator=stored.locator, message=message)
    for stored in database.rows("part", _PARTS, most=_MOST_HELD):
        cells = Cells(stored)
        one = found.setdefault(cells.raw("mid"), _Message())
        _part(one, cells)
        one.is_partial |= cells.status is not Status.OK
        yield from cells.problems()
    yield from database.problems()
    return found


def _part(one: _Message, cells: Cells) -> None:
    kind = cells.text("ct", "attachment_names")
    if kind == "text/plain":
        one.texts += filter(None, [cells.text("text", "message_text")])
    elif kind != _LAYOUT:
        path = cells.text("_data", "attachment_paths")
        names = (cells.text(name, "attachment_names") for name in ("name", "fn", "cl"))
        stored_name = (path or "").rpartition("/")[2]
        one.names.append(next(filter(None, names), stored_name))
        one.paths.append(path or "")


def _of_parts(one: _Message) -> dict[str, Any]:
    return {
        "sender": ", ".join(one.senders) or None,
        "recipients": ", ".join(one.recipients) or None,
        "message_text": "\n".join(one.texts) or None,
        "attachment_names": one.names,
        "attachment_paths": one.paths,
    }


def _row(locator: str, status: Status, values: dict[str, Any], database: Database) -> Yields:
    """The row of a message, and its text."""
    told = values.get("message_text")
    lines = (told or "").strip().splitlines()
    values["first_line"] = values.get("message_subject") or (lines[0] if lines else None)
    values["is_wal_applied"] = database.is_wal_applied
    yield PHONE_MESSAGE.row(locator, status, **values)
    if told is not None:
        yield Text(locator=locator, segment="message", content=told)
