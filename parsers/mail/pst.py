"""Outlook stores (PST, OST): every folder, mail, contact, appointment and attachment.

Shows: what Outlook kept: who an item names as sender and recipients, when it was sent and when it came in, in which folder it
lies, whether it was read, its text and attachments, contacts and lists of them. An item that hangs in no folder any more was
deleted; it is read as far as the store still has it and is `recovered`.
Does not show: that a mail was sent or delivered, nor that the sender is who it says. An OST is a copy of a mailbox on a server
and need not have all of it. Nothing tells who put an item into the store; a folder of deleted items is a folder like others.
Not read: what lies in the free space of the file beyond the items the library finds; OLE objects within texts and files attached
by reference (a problem says so); of an item attached to an item, what does not stand among its own properties: its
attachments, the addresses of its recipients and long texts (a problem says so, too); views, rules, free and busy times; the RTF body where there is a plain or HTML one. Both ways of
encoding (compressible, high) are undone; a password of a PST keeps nobody out and is not asked for.

The locator of an item is `node:` and its number in the file.

References:
    - [MS-PST] Outlook Personal Folders File Format; [MS-OXPROPS], [MS-OXCMSG]; J. Metz, Personal Folder File (PFF) format (libpff)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pypff

from parsers.contract import Artefact, Problem, ProblemKind, Status, Want, Yields, parser
from parsers.formats import contacts
from parsers.formats.contacts import CARDS
from parsers.formats.mail_message import MAIL
from parsers.formats.mapi import Attachment, Item, Properties, names, values_of
from parsers.formats.mapi_item import MOST_ATTACHMENT_BYTES, Cards, item
from parsers.formats.pff_heap import properties

SIGNATURE = b"!BDN"
_UNREADABLE = (OSError, ValueError, TypeError, OverflowError, MemoryError, AttributeError)
_MOST_DEPTH = 100
_MOST_ATTACHMENTS = 10_000
_ATTACHED = 0x3701
_HAS_ATTACHMENTS = 0x10  # [MS-OXCMSG] 2.2.1.6


@parser(version=1, wants=(Want(signature=SIGNATURE),), tables=(MAIL, CARDS))
def pst(artefact: Artefact) -> Yields:
    """One row per item, folder by folder, then items without a folder; last a sheet of all contacts."""
    file = pypff.file()
    with artefact.open() as stream:
        try:
            file.open_file_object(stream)
        except _UNREADABLE as error:
            message = f"the store cannot be opened: {_reason(error)}"
            yield Problem(kind=ProblemKind.DAMAGED, locator="0", message=message)
            return
        try:
            yield from _Store(file, artefact.path.rsplit("/", 1)[-1]).rows()
        finally:
            file.close()


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]


class _Store:
    def __init__(self, file: Any, name: str) -> None:
        self._file = file
        self._name = name
        self._cards = Cards()
        self._met: set[int] = set()
        self._problems: list[Problem] = []
        page = self._try("codepage", lambda: file.get_ascii_codepage())
        told = page.decode("ascii", "replace") if isinstance(page, bytes) else page
        self._page: str | None = told or None
        self._names = self._named()

    def rows(self) -> Yields:
        """Everything in the store."""
        yield from self._given()
        root = self._try("root folder", lambda: self._file.get_root_folder())
        if root is not None:
            yield from self._folder(root, "", 0)
        yield from self._given()
        for index in range(self._try("orphans", lambda: self._file.get_number_of_orphan_items()) or 0):
            one = self._try(f"orphan:{index}", partial(self._file.get_orphan_item, index))
            if one is not None:
                yield from self._item(one, {"is_deleted": True}, Status.RECOVERED)
            yield from self._given()
        if self._cards.found:
            yield contacts.sheet(self._name, self._cards.found, None)

    def _folder(self, folder: Any, path: str, depth: int) -> Yields:
        at = f"node:{self._try(path, lambda: folder.get_identifier())}"
        if depth > _MOST_DEPTH:
            message = f"folders nested deeper than {_MOST_DEPTH} are not read"
            yield Problem(kind=ProblemKind.LIMIT, locator=at, message=message)
            return
        count = self._try(at, lambda: folder.get_number_of_sub_messages()) or 0
        for index in range(count):
            one = self._try(f"{at}/message:{index}", partial(folder.get_sub_message, index))
            yield from self._given()
            if one is not None:
                yield from self._item(one, {"folder_path": path or "/"}, Status.OK)
        count = self._try(at, lambda: folder.get_number_of_sub_folders()) or 0
        for index in range(count):
            inner = self._try(f"{at}/folder:{index}", partial(folder.get_sub_folder, index))
            yield from self._given()
            if inner is not None:
                name = self._try(f"{at}/folder:{index}", inner.get_name) or ""
                yield from self._folder(inner, f"{path}/{name}", depth + 1)
        yield from self._given()

    def _item(self, one: Any, stored: dict[str, Any], status: Status) -> Yields:
        number = self._try("item", lambda: one.get_identifier())
        # A damaged index can lead to one item again and again.
        if number is None or number in self._met:
            yield from self._given()
            return
        self._met.add(number)
        at = f"node:{number}"
        given = self._read(one, at)
        yield from self._given()
        yield from item(given, at, self._cards, stored=stored, status=status)
        yield from self._given()

    def _read(self, one: Any, at: str) -> Item:
        own = self._properties(one, at)
        return Item(
            properties=own,
            recipients=self._recipients(one, at, own.page),
            attachments=self._attachments(one, at, own.page),
        )

    def _properties(self, one: Any, at: str, page: str | None = None, *, without: int = 0) -> Properties:
        """The first set of properties of an object; the library keeps each table's rows as sets."""
        count = self._try(at, lambda: one.get_number_of_record_sets()) or 0
        entries = list(self._entries(one, 0, at, without)) if count else []
        return Properties(values_of(entries), self._names, page or self._page)

    def _entries(self, one: Any, index: int, at: str, without: int) -> Iterator[tuple[int, int, bytes]]:
        record = self._try(at, lambda: one.get_record_set(index))
        if record is None:
            return
        for place in range(self._try(at, lambda: record.get_number_of_entries()) or 0):
            entry = self._try(at, partial(record.get_entry, place))
            if entry is None:
                continue
            number = self._try(at, entry.get_entry_type)
            kind = self._try(at, entry.get_value_type)
            if number is None or number == without:
                continue
            stored = self._try(f"{at}/property:{number:04x}", entry.get_data)
            yield number, kind or 0, stored or b""

    def _recipients(self, one: Any, at: str, page: str | None) -> list[Properties]:
        table = self._try(f"{at}/recipients", lambda: getattr(one, "recipients", None))
        if table is None:
            return []
        where = f"{at}/recipients"
        count = self._try(where, lambda: table.get_number_of_record_sets()) or 0
        return [
            Properties(values_of(self._entries(table, index, where, 0)), self._names, page)
            for index in range(count)
        ]

    def _attachments(self, one: Any, at: str, page: str | None) -> Iterator[Attachment]:
        if not hasattr(one, "get_number_of_attachments"):
            return
        count = self._try(f"{at}/attachments", lambda: one.get_number_of_attachments()) or 0
        for index in range(min(count, _MOST_ATTACHMENTS)):
            place = f"attachment:{index}"
            where = f"{at}/{place}"
            found = self._try(where, partial(one.get_attachment, index))
            if found is None:
                continue
            own = self._properties(found, where, page, without=_ATTACHED)
            yield Attachment(
                locator=place,
                properties=own,
                read=partial(_content, found, own),
                item=partial(self._embedded, found, where),
            )

    def _embedded(self, found: Any, at: str) -> Item | None:
        """The item in an attachment: the library gives the bytes of its properties, and nothing of what hangs on it."""
        size = self._try(at, lambda: found.get_size()) or 0
        if not 0 < size <= MOST_ATTACHMENT_BYTES:
            return None
        raw = self._try(at, lambda: found.read_buffer(size)) or b""
        try:
            values, elsewhere = properties(raw)
        except ValueError as error:
            self._problems.append(Problem(kind=ProblemKind.DAMAGED, locator=at, message=str(error)))
            return None
        own = Properties(values_of(values), self._names, self._page)
        flags = own.integer(0x0E07) or 0
        missing = [f"{elsewhere} long values"] if elsewhere else []
        missing += ["addresses of recipients"] if own.text(0x0E04) or own.text(0x0E03) else []
        missing += ["attachments"] if flags & _HAS_ATTACHMENTS else []
        if missing:
            message = f"of an item within an item {', '.join(missing)} are not read: persons in them are not counted"
            self._problems.append(Problem(kind=ProblemKind.UNSUPPORTED, locator=at, message=message))
        return Item(properties=own)

    def _named(self) -> dict[tuple[int, int], int]:
        """[MS-PST] 2.4.7: the map of names has its streams as properties 2 and 3."""
        table = self._try("names", lambda: self._file.get_name_to_id_map())
        if table is None:
            return {}
        stored = values_of(self._entries(table, 0, "names", 0))
        return names(stored.get(2, (0, b""))[1], stored.get(3, (0, b""))[1])

    def _try(self, at: str, what: Callable[[], Any]) -> Any:
        """What the library gives; where it gives up, None and a problem."""
        try:
            return what()
        except _UNREADABLE as error:
            told = Problem(kind=ProblemKind.DAMAGED, locator=at, message=f"not read: {_reason(error)}")
            if len(self._problems) < 1000:
                self._problems.append(told)
            return None

    def _given(self) -> Yields:
        problems, self._problems = self._problems, []
        yield from problems


def _content(found: Any, own: Properties) -> bytes | None:
    """The bytes of an attachment kept by value."""
    if own.integer(0x3705) not in (None, 1):
        return None
    try:
        size = found.get_size()
        if size > MOST_ATTACHMENT_BYTES:
            own.wrong.append((f"an attachment of {size} bytes is not read", None))
            return None
        content: bytes = found.read_buffer(size) if size else b""
    except _UNREADABLE as error:
        own.wrong.append((f"the attachment cannot be read: {_reason(error)}", None))
        return None
    if len(content) < size:
        own.wrong.append((f"the attachment has {size} bytes, {len(content)} are there", None))
    return content
