"""Mails of Outlook wrapped for the way (TNEF, winmail.dat).

Shows: the files a mail of Outlook carried, its body, and as far as they were put in its sender and recipients, its times,
a contact or an appointment. The mail around it is read where it was found, with its own headers.
Does not show: that it was sent or received; whoever writes the file writes every value.
Not read: attributes of Microsoft Mail that MAPI properties repeat (date sent as a clock time, priority, owner), OLE objects and
their pictures, fonts of the body.

References:
    - [MS-OXTNEF] Transport Neutral Encapsulation Format (TNEF) Data Algorithm, 2.1; [MS-OXPROPS]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yields, parser
from parsers.formats import contacts
from parsers.formats.contacts import CARDS
from parsers.formats.mail_message import MAIL
from parsers.formats.mapi import ANSI, OBJECT, Attachment, Item, Properties, values_of
from parsers.formats.mapi_item import Cards, item
from parsers.formats.tnef_stream import SIGNATURE, attributes, listed

_PROPERTIES, _RECIPIENTS, _ATTACHMENT = 0x9003, 0x9004, 0x9005
_RENDERED, _DATA, _TITLE, _PAGE, _CLASS = 0x9002, 0x800F, 0x8010, 0x9007, 0x8008
# Attributes of Microsoft Mail that stand for a property where MAPI does not give it.
_TEXTS = {0x8004: 0x0037, 0x800C: 0x1000, 0x8009: 0x1035}
_CLASSES = {b"IPM.Microsoft Mail.Note": b"IPM.Note"}
# [MS-OXTNEF] 2.1.3.4.5: an object begins with the identifier of its interface; of a message (IMessage) it is this.
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
_MOST_BYTES = 512 << 20
_MOST_RECIPIENTS = 10_000


@parser(version=1, wants=(Want(signature=SIGNATURE),), tables=(MAIL, CARDS))
def tnef(artefact: Artefact) -> Yields:
    """One row for the item and for each within it, then its contacts, texts and attachments; the locator of the item is `0`."""
    if artefact.size > _MOST_BYTES:
        message = f"a TNEF of {artefact.size} bytes is not read"
        yield Problem(kind=ProblemKind.LIMIT, locator="0", message=message)
        return
    with artefact.open() as stream:
        content = stream.read()
    if content[:4] != SIGNATURE:
        message = f"it begins with {content[:4].hex(' ')}: no TNEF"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
        return
    cards = Cards()
    yield from item(_item(content), "0", cards)
    if cards.found:
        yield contacts.sheet(artefact.path.rsplit("/", 1)[-1], cards.found, None)


@dataclass(slots=True)
class _Attached:
    """What the attributes of one attachment say."""

    values: list[tuple[int, int, bytes]] = field(default_factory=list)
    title: bytes | None = None
    content: bytes | None = None
    wrong: list[str] = field(default_factory=list)


def _item(content: bytes) -> Item:
    values: list[tuple[int, int, bytes]] = []
    spare: list[tuple[int, int, bytes]] = []
    names: dict[tuple[int, int], int] = {}
    recipients: list[list[tuple[int, int, bytes]]] = []
    attached: list[_Attached] = []
    wrong: list[str] = []
    page: str | None = None
    for one in attributes(content):
        told = attached[-1].wrong if one.is_of_attachment and attached else wrong
        if one.wrong:
            told.append(f"at {one.offset}: {one.wrong}")
        if one.number == _RENDERED and one.is_of_attachment:
            attached.append(_Attached())
        elif one.is_of_attachment:
            _attribute(one.number, one.content, attached)
        elif one.number == _PROPERTIES:
            found = listed(one.content)
            values, names = found.values, found.names
            wrong += [found.wrong] if found.wrong else []
        elif one.number == _RECIPIENTS:
            recipients = list(_recipients(one.content, wrong))
        elif one.number == _PAGE and len(one.content) >= 4:
            page = f"cp{int.from_bytes(one.content[:4], 'little')}"
        elif one.number in _TEXTS:
            spare.append((_TEXTS[one.number], ANSI, one.content))
        elif one.number == _CLASS:
            kind = one.content.rstrip(b"\0")
            spare.append((0x001A, ANSI, _CLASSES.get(kind, kind)))
    own = Properties(values_of([*values, *spare]), names, page)
    own.wrong += [(one, None) for one in wrong]
    return Item(
        properties=own,
        recipients=[Properties(values_of(one), {}, own.page) for one in recipients],
        attachments=[_attachment(number, one, own.page) for number, one in enumerate(attached)],
    )


def _attribute(number: int, content: bytes, attached: list[_Attached]) -> None:
    """Keep an attribute of an attachment; one in front of the first begins one."""
    if not attached:
        attached.append(_Attached())
    one = attached[-1]
    if number == _DATA:
        one.content = content
    elif number == _TITLE:
        one.title = content
    elif number == _ATTACHMENT:
        found = listed(content)
        one.values = found.values
        one.wrong += [found.wrong] if found.wrong else []


def _recipients(content: bytes, wrong: list[str]) -> Iterator[list[tuple[int, int, bytes]]]:
    count = int.from_bytes(content[:4], "little")
    at = 4
    for _ in range(min(count, _MOST_RECIPIENTS)):
        found = listed(content, at)
        yield found.values
        if found.wrong:
            wrong.append(f"recipients: {found.wrong}")
            return
        at = found.end


def _attachment(number: int, one: _Attached, page: str | None) -> Attachment:
    stored = next((raw for place, _, raw in one.values if place == 0x3701), None)
    kind = next((kind for place, kind, _ in one.values if place == 0x3701), 0)
    own = Properties(values_of(each for each in one.values if each[0] != 0x3701), {}, page)
    if one.title and own.text(0x3707) is None:
        own.values = {**own.values, 0x3707: (ANSI, one.title)}
    own.wrong += [(each, None) for each in one.wrong]
    is_message = kind == OBJECT and stored is not None and stored[:16] == _MESSAGE
    inner = stored[16:] if is_message and stored is not None else b""

    def read() -> bytes | None:
        if own.integer(0x3705) not in (None, 1):
            return None
        return one.content if one.content is not None else stored

    return Attachment(
        locator=f"attachment:{number}",
        properties=own,
        read=read,
        item=lambda: _item(inner) if inner.startswith(SIGNATURE) else None,
    )
