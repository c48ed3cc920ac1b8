"""Mails, contacts and appointments that Outlook kept one by one (.msg).

Shows: who an item names as sender and recipients (those in Bcc in the sender's own copy), when it says it was sent and when it
came into the mailbox, its text, its attachments, items attached to it; the persons of a contact or distribution list.
Does not show: that it was sent or delivered (`is_unsent` tells a draft), nor that the sender is who it says: whoever writes the
file writes every value. Of a recipient inside of Exchange often only a name in the directory is kept.
Not read: OLE objects within the text and files attached by reference (a problem says so), properties of programs other than
Outlook, categories, reminders; the RTF body where there is a plain or HTML one, which says the same.

References:
    - [MS-OXMSG] Outlook Item (.msg) File Format; [MS-OXPROPS], [MS-OXCMSG], [MS-OXOCNTC], [MS-OXOCAL]
    - [MS-CFB] Compound File Binary File Format
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyolecf

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yields, parser
from parsers.formats import contacts
from parsers.formats.compound import SIGNATURE
from parsers.formats.contacts import CARDS
from parsers.formats.mail_message import MAIL
from parsers.formats.mapi import BINARY, MULTIPLE, OBJECT, Attachment, Item, Properties, names
from parsers.formats.mapi_item import MOST_ATTACHMENT_BYTES, Cards, item

_UNREADABLE = (OSError, ValueError, TypeError, AttributeError, OverflowError, MemoryError)
_PROPERTIES = "__properties_version1.0"
_PROPERTY = struct.Struct("<HHI8s")
# [MS-OXMSG] 2.4.1: bytes in front of the properties of a message, of one within it, of a recipient or attachment.
_TOP, _INNER, _PART = 32, 24, 8
_MOST_PARTS = 10_000


@parser(
    version=1,
    wants=(
        Want("**/*.msg", signature=SIGNATURE, is_shared=True, is_strict=False),
        Want("**/*.oft", signature=SIGNATURE, is_shared=True, is_strict=False),
    ),
    tables=(MAIL, CARDS),
)
def msg(artefact: Artefact) -> Yields:
    """One row for the item and for each within it, then its contacts, texts and attachments; the locator of the item is `0`."""
    with artefact.open() as stream:
        file = pyolecf.file()
        try:
            file.open_file_object(stream)
            root = _Folder(file.root_item, [2 * artefact.size])
        except _UNREADABLE as error:
            reason = (str(error).splitlines() or ["no reason"])[0][:150]
            message = f"the compound file cannot be opened: {reason}"
            yield Problem(kind=ProblemKind.DAMAGED, locator="0", message=message)
            return
        if _PROPERTIES not in root.streams:
            message = "a compound file without the properties of an Outlook item"
            yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
            return
        found = _names(root)
        cards = Cards()
        yield from item(_item(root, found, _TOP), "0", cards)
        if cards.found:
            yield contacts.sheet(artefact.path.rsplit("/", 1)[-1], cards.found, None)


class _Folder:
    """A storage: its streams and storages by name, and what may still be read of the file."""

    def __init__(self, stored: Any, left: list[int]) -> None:
        self.left = left
        self.streams: dict[str, Any] = {}
        self.folders: dict[str, Any] = {}
        self.wrong: list[str] = []
        for index in range(min(stored.number_of_sub_items, 4 * _MOST_PARTS)):
            try:
                one = stored.get_sub_item(index)
                # libolecf drops the sign 0x01 and such; these names have none.
                (self.streams if hasattr(one, "read_buffer") else self.folders)[one.name or ""] = one
            except _UNREADABLE as error:
                self.wrong.append(f"an entry of the compound file cannot be read: {str(error)[:100]}")

    def read(self, name: str, most: int = MOST_ATTACHMENT_BYTES) -> bytes | None:
        """A stream, None where it is not there or cannot be read, which is told."""
        stream = self.streams.get(name)
        if stream is None:
            return None
        try:
            size = stream.size
            self.left[0] -= size
            if size > most or self.left[0] < 0:
                self.wrong.append(f"{name}: a stream of {size} bytes is not read")
                return None
            stream.seek(0)
            content: bytes = stream.read_buffer(size) if size else b""
        except _UNREADABLE as error:
            self.wrong.append(f"{name} cannot be read: {(str(error).splitlines() or [''])[0][:120]}")
            return None
        if len(content) < size:
            self.wrong.append(f"{name} has {size} bytes, {len(content)} are there")
        return content

    def inner(self, name: str) -> _Folder:
        return _Folder(self.folders[name], self.left)


def _names(root: _Folder) -> dict[tuple[int, int], int]:
    if "__nameid_version1.0" not in root.folders:
        return {}
    stored = root.inner("__nameid_version1.0")
    return names(stored.read("__substg1.0_00020102") or b"", stored.read("__substg1.0_00030102") or b"")


def _properties(
    folder: _Folder, head: int, known: dict[tuple[int, int], int], page: str | None
) -> Properties:
    """The properties of a storage, but for the bytes of an attachment."""
    values: dict[int, tuple[int, bytes]] = {}
    listed = folder.read(_PROPERTIES) or b""
    for at in range(head, len(listed) - _PROPERTY.size + 1, _PROPERTY.size):
        kind, number, _, value = _PROPERTY.unpack_from(listed, at)
        values[number] = (kind, value)
    for name in folder.streams:
        told = name.removeprefix("__substg1.0_")
        if told == name or len(told) != 8:
            continue
        try:
            number, kind = int(told[:4], 16), int(told[4:], 16)
        except ValueError:
            continue
        if number == 0x3701:
            continue
        values[number] = (kind, folder.read(name) or b"")
    for number, (kind, _) in list(values.items()):
        if kind & MULTIPLE and kind != MULTIPLE | BINARY:
            values.pop(number)
        elif kind == MULTIPLE | BINARY:
            values[number] = (kind, _several(folder, number))
    found = Properties(values, known, page)
    found.wrong += [(one, None) for one in folder.wrong]
    folder.wrong.clear()
    return found


def _several(folder: _Folder, number: int) -> bytes:
    """The values of a property of several as a store keeps them: a count, offsets, bytes ([MS-OXMSG] 2.1.4.2)."""
    prefix = f"__substg1.0_{number:04X}1102-"
    stored = [folder.read(name) or b"" for name in sorted(folder.streams) if name.startswith(prefix)]
    places, at = [], 4 + 4 * len(stored)
    for one in stored:
        places.append(at)
        at += len(one)
    return struct.pack(f"<{len(stored) + 1}I", len(stored), *places) + b"".join(stored)


def _item(folder: _Folder, known: dict[tuple[int, int], int], head: int, page: str | None = None) -> Item:
    own = _properties(folder, head, known, page)
    recipients = [
        _properties(folder.inner(name), _PART, known, own.page)
        for name in _parts(folder, "__recip_version1.0_")
    ]
    return Item(properties=own, recipients=recipients, attachments=_attachments(folder, known, own.page))


def _parts(folder: _Folder, prefix: str) -> list[str]:
    return sorted(one for one in folder.folders if one.startswith(prefix))[:_MOST_PARTS]


def _attachments(
    folder: _Folder, known: dict[tuple[int, int], int], page: str | None
) -> Iterator[Attachment]:
    for number, name in enumerate(_parts(folder, "__attach_version1.0_")):
        inner = folder.inner(name)
        own = _properties(inner, _PART, known, page)
        yield Attachment(
            locator=f"attachment:{number}",
            properties=own,
            read=partial(_content, inner, own),
            item=partial(_embedded, inner, known, page),
        )


def _content(folder: _Folder, own: Properties) -> bytes | None:
    content = folder.read(f"__substg1.0_3701{BINARY:04X}")
    own.wrong += [(one, None) for one in folder.wrong]
    folder.wrong.clear()
    return content


def _embedded(folder: _Folder, known: dict[tuple[int, int], int], page: str | None) -> Item | None:
    name = f"__substg1.0_3701{OBJECT:04X}"
    return _item(folder.inner(name), known, _INNER, page) if name in folder.folders else None
