"""An item of Outlook as rows, texts and members, the same for .msg files, stores and TNEF.

References:
    - [MS-OXPROPS] (numbers); [MS-OXOMSG], [MS-OXCMSG] (messages, attachments); [MS-OXOCNTC] (contacts); [MS-OXOCAL], [MS-OXOTASK]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parsers.contract import Member, Problem, ProblemKind, Status, Text, Yields
from parsers.formats import rtf
from parsers.formats.contacts import CARDS, row_values
from parsers.formats.mail_message import MAIL
from parsers.formats.mapi import APPOINTMENT, TASK, Attachment, Item, Properties
from parsers.formats.mapi_contacts import contact, members
from parsers.formats.mime import html_text, parts
from parsers.formats.mime_message import headers

_MOST_DEPTH = 10
MOST_ATTACHMENT_BYTES = 256 << 20
_READ, _UNSENT = 0x1, 0x8
_BY_VALUE, _EMBEDDED, _OLE = 1, 5, 6
_KINDS = {1: "to_addresses", 2: "cc_addresses", 3: "bcc_addresses"}


@dataclass(slots=True)
class Cards:
    """Contacts met so far, for the sheet at the end."""

    found: list[dict[str, Any]] = field(default_factory=list)


def item(
    one: Item,
    at: str,
    cards: Cards,
    *,
    stored: Mapping[str, Any] | None = None,
    status: Status = Status.OK,
    depth: int = 0,
) -> Yields:
    """A row for the item, its contacts, its texts, its attachments, and the items within it in turn; `at` is its locator."""
    given = one.properties
    values, problems = _values(one)
    values |= stored or {}
    attached = list(_attachments(one, values, problems))
    wrong = [*problems, *_told(given, "")]
    yield MAIL.row(at, Status.PARTIAL if wrong and status is Status.OK else status, **values)
    yield from (_placed(each, at) for each in wrong)
    yield from _contacts(given, at, cards, status, values)
    for each in _texts(given, values):
        yield (
            Text(locator=f"{at}/{each.locator}", segment=each.segment, content=each.content, codec=each.codec)
            if isinstance(each, Text)
            else _placed(each, at)
        )
    yield from (_placed(each, at) for each in _told(given, "body"))
    for place in attached:
        yield from _attachment(place, at, cards, status, depth)


def _placed(one: Any, at: str) -> Any:
    return Problem(
        kind=one.kind,
        locator=f"{at}/{one.locator}" if one.locator else at,
        message=one.message,
        column=one.column,
    )


def _told(given: Properties, where: str) -> list[Problem]:
    """What could not be read of properties, told once."""
    found = [
        Problem(kind=ProblemKind.DAMAGED, locator=where, message=message, column=column)
        for message, column in given.wrong
    ]
    given.wrong.clear()
    return found


def _values(one: Item) -> tuple[dict[str, Any], list[Problem]]:
    given = one.properties
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    if raw := given.decoded(0x007D):
        head = next(iter(parts(raw.text.encode() + b"\r\n\r\n")))
        told: list[Problem] = []
        values = headers(head, told)
        problems += [
            Problem(kind=each.kind, locator="header", message=each.message, column=each.column)
            for each in told
        ]
    flags = given.integer(0x0E07)
    sent = {
        "subject": _subject(given),
        "sent_at": given.instant(0x0039, "sent_at"),
        "delivered_at": given.instant(0x0E06, "delivered_at"),
        "message_id": (given.text(0x1035) or "").strip("<> ") or None,
        "in_reply_to": (given.text(0x1042) or "").strip("<> ") or None,
        "message_class": given.text(0x001A),
        "is_read": None if flags is None else bool(flags & _READ),
        "is_unsent": None if flags is None else bool(flags & _UNSENT),
    }
    directory: list[str] = []
    author = _address(given, 0x5D02, 0x0064, 0x0065, directory)
    agent = _address(given, 0x5D01, 0x0C1E, 0x0C1F, directory)
    sent |= {
        "sender": author or (None if given.text(0x0065) else agent),
        "sender_name": given.text(0x0042) or given.text(0x0C1A),
        "submitted_by": agent if agent and agent != author else None,
    }
    values |= {name: value for name, value in sent.items() if value is not None}
    values |= _recipients(one, values, directory, problems)
    values["directory_addresses"] = list(dict.fromkeys(directory))
    return values, problems


def _subject(given: Properties) -> str | None:
    told = given.decoded(0x0037, "subject")
    # [MS-PST] 2.5.3.1.1: 01 and the length of its prefix stand in front in a store.
    return ((told.text[2:] if told.text.startswith("\x01") else told.text).strip() or None) if told else None


def _address(given: Properties, smtp: int, kind: int, number: int, directory: list[str]) -> str | None:
    """A mail address; one of a directory is put aside, since it is of no domain."""
    if found := given.text(smtp):
        return found.lower()
    address = given.text(number)
    if not address or address.upper() == "UNKNOWN":
        return None
    if (given.text(kind) or "").upper() == "EX" or address.lower().startswith("/o="):
        directory.append(address)
        return None
    return address.lower() if "@" in address else None


def _recipients(
    one: Item, told: Mapping[str, Any], directory: list[str], problems: list[Problem]
) -> dict[str, Any]:
    """Recipients of the table of recipients; without one, those of the headers or the names shown."""
    values: dict[str, Any] = {name: [] for name in _KINDS.values()}
    everyone: list[tuple[str, str]] = []
    for each in one.recipients:
        kind = (each.integer(0x0C15) or 0) & 0xF
        address = _address(each, 0x39FE, 0x3002, 0x3003, directory)
        name = (each.text(0x3001) or each.text(0x5FF6) or "").strip("'\" ")
        problems += _told(each, "recipients")
        if kind in _KINDS and address:
            values[_KINDS[kind]].append(address)
        if kind in _KINDS and (address or name):
            everyone.append((address or "", "" if name.lower() == address else name))
    if everyone:
        return values | {
            "recipients": ", ".join(address or name for address, name in everyone),
            "recipient_names": [name for _, name in everyone],
        }
    if told.get("recipients"):
        return {}
    shown = [given for number in (0x0E04, 0x0E03, 0x0E02) if (given := one.properties.text(number))]
    return values | {"recipients": "; ".join(shown) or None, "recipient_names": []}


@dataclass(slots=True)
class _Attached:
    place: Attachment
    name: str
    media_type: str | None
    method: int
    is_inline: bool


def _attachments(one: Item, values: dict[str, Any], problems: list[Problem]) -> list[_Attached]:
    found = []
    for place in one.attachments:
        own = place.properties
        method = own.integer(0x3705)
        name = own.text(0x3707) or own.text(0x3704) or own.text(0x3001) or place.locator.replace(":", "-")
        media_type = own.text(0x370E)
        is_inline = bool(own.text(0x3712)) and (
            (media_type or "").startswith("image/") or bool((own.integer(0x3714) or 0) & 4)
        )
        found.append(_Attached(place, name, media_type, _BY_VALUE if method is None else method, is_inline))
        problems += _told(own, place.locator)
    named = [one.name for one in found if not one.is_inline]
    values |= {
        "attachment_count": len(named),
        "has_attachments": bool(named),
        "attachment_names": named,
    }
    return found


def _attachment(one: _Attached, at: str, cards: Cards, status: Status, depth: int) -> Yields:
    locator = f"{at}/{one.place.locator}"
    inner = one.place.item() if one.method == _EMBEDDED else None
    if inner is not None:
        if depth >= _MOST_DEPTH:
            message = f"items nested deeper than {_MOST_DEPTH} are not read"
            yield Problem(kind=ProblemKind.LIMIT, locator=locator, message=message)
        else:
            yield from item(inner, locator, cards, status=status, depth=depth + 1)
        return
    content = one.place.read()
    if content is not None:
        yield Member(
            locator=locator,
            name=one.name,
            content=content,
            media_type=one.media_type,
            is_inline=one.is_inline,
        )
    wrong = _told(one.place.properties, "")
    yield from (_placed(each, locator) for each in wrong)
    if content is None and not wrong and one.method != 0:
        what = "an OLE object" if one.method == _OLE else f"attached by method {one.method}"
        message = f"{what}: its bytes are not here as a file, and persons in it are not counted"
        yield Problem(kind=ProblemKind.UNSUPPORTED, locator=locator, message=message)


def _contacts(given: Properties, at: str, cards: Cards, status: Status, values: Mapping[str, Any]) -> Yields:
    kind = str(values.get("message_class") or "").upper()
    found = []
    if kind.startswith("IPM.CONTACT"):
        found = [(at, contact(given))]
    elif kind.startswith("IPM.DISTLIST"):
        found = [(f"{at}/member:{number}", one) for number, one in enumerate(members(given))]
    for locator, one in found:
        cards.found.append(one)
        own = row_values(one)
        yield CARDS.row(locator, status, **own, card_number=len(cards.found))


def _texts(given: Properties, values: Mapping[str, Any]) -> Yields:
    if values.get("subject"):
        yield Text(locator="header", segment="subject", content=values["subject"])
    plain = given.decoded(0x1000)
    if plain and plain.text.strip():
        yield Text(locator="body", segment="body", content=plain.text, codec=plain.codec)
    page = _page(given)
    if page and page.text.strip():
        yield Text(locator="body_html", segment="body_html", content=page.text, codec=page.codec)
    if not (plain and plain.text.strip()) and not (page and page.text.strip()):
        yield from _rtf(given)
    if told := _calendar(given):
        yield Text(locator="appointment", segment="appointment", content=told)


def _page(given: Properties) -> Any:
    """The page among the bodies, kept as bytes or as text."""
    if told := given.decoded(0x1013):
        return html_text(told.text.encode(), "utf-8")
    stored = given.binary(0x1013)
    return html_text(stored, given.internet_page()) if stored else None


def _rtf(given: Properties) -> Yields:
    stored = given.binary(0x1009)
    if not stored:
        return
    raw, wrong = rtf.decompressed(stored)
    told, replaced = rtf.text(raw)
    if wrong or replaced:
        message = wrong or f"{replaced} bytes of the RTF are of no encoding; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator="body_rtf", message=message)
    if told:
        yield Text(locator="body_rtf", segment="body", content=told)


def _calendar(given: Properties) -> str:
    """Place, times and persons of an appointment or task, a line each."""
    lines = []
    for label, group, number in (
        ("Location", APPOINTMENT, 0x8208),
        ("Attendees", APPOINTMENT, 0x8238),
        ("Owner", TASK, 0x811F),
    ):
        if told := given.text(given.named(group, number)):
            lines.append(f"{label}: {told}")
    for label, group, number in (
        ("Start", APPOINTMENT, 0x820D),
        ("End", APPOINTMENT, 0x820E),
        ("Due", TASK, 0x8105),
    ):
        if at := given.instant(given.named(group, number)):
            lines.append(f"{label}: {at.isoformat()}")
    return "\n".join(lines)
