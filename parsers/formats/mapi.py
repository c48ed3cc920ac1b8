"""MAPI properties as .msg files, Outlook stores and TNEF hold them: by number, or by set and number where they are named.

References:
    - [MS-OXCDATA] 2.11 (types); [MS-OXPROPS] (numbers); [MS-OXMSG] 2.2.3 (named properties)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parsers.formats.filetime import instant
from parsers.formats.mime import Decoded, decode_text
from parsers.formats.wide import wide_text

# [MS-OXCDATA] 2.11.1
INTEGER16, INTEGER32, FLOAT64, BOOLEAN, OBJECT, INTEGER64, ANSI, WIDE, TIME, BINARY = (
    0x02, 0x03, 0x05, 0x0B, 0x0D, 0x14, 0x1E, 0x1F, 0x40, 0x102,
)  # fmt: skip
MULTIPLE = 0x1000
_INTEGERS = {INTEGER16: "<h", INTEGER32: "<i", BOOLEAN: "<H", INTEGER64: "<q"}
_NO_TIME = 0x0CB34557A3DD4000  # [MS-OXOCAL] 2.2.1: a date that stands for none (4501)
# Sets of named properties by the first four bytes of their GUID; the rest is the same for all of Outlook's.
_SET_END = bytes.fromhex("00000000c000000000000046")
APPOINTMENT, TASK, ADDRESS = 0x00062002, 0x00062003, 0x00062004
_MESSAGE_PAGE, _INTERNET_PAGE = 0x3FFD, 0x3FDE
_ENTRY = struct.Struct("<IHH")
_LABELS = {932: "cp932", 20127: "us-ascii", 28591: "iso-8859-1", 50220: "iso-2022-jp", 50221: "iso-2022-jp", 50222: "iso-2022-jp", 51932: "euc-jp", 20932: "euc-jp", 65000: "utf-7", 65001: "utf-8", 1200: "utf-16-le"}  # fmt: skip


@dataclass(slots=True)
class Properties:
    """The properties of one object, as stored: type and bytes by number; what cannot be read is told in `wrong`."""

    values: Mapping[int, tuple[int, bytes]]
    names: Mapping[tuple[int, int], int] = field(default_factory=dict)
    page: str | None = None
    wrong: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Know the code page of texts that are not Unicode."""
        self.page = self._label(_MESSAGE_PAGE) or self._label(_INTERNET_PAGE) or self.page

    def named(self, group: int, number: int) -> int:
        """The number a named property has in this file; 0, which no property has, where it is not there."""
        return self.names.get((group, number), 0)

    def text(self, number: int, column: str | None = None) -> str | None:
        """A text without NUL at its end, None where it is empty or not there."""
        found = self.decoded(number, column)
        return found.text.strip() or None if found else None

    def decoded(self, number: int, column: str | None = None) -> Decoded | None:
        """A text with its encoding; of a type that is none, None."""
        kind, stored = self.values.get(number, (0, b""))
        if kind == WIDE:
            told, is_whole = wide_text(stored)
            if not is_whole:
                self.wrong.append((f"property {number:04x} is not UTF-16 throughout", column))
            return Decoded(text=_clean(told), codec="utf-16-le")
        if kind == ANSI:
            found = decode_text(stored.rstrip(b"\0"), self.page)
            if found.replaced:
                message = f"property {number:04x}: {found.replaced} bytes are not {found.codec}; they stand as \\xNN"
                self.wrong.append((message, column))
            return Decoded(text=_clean(found.text), codec=found.codec)
        return None

    def binary(self, number: int) -> bytes | None:
        """Bytes as stored, None where there are none."""
        return self.values.get(number, (0, b""))[1] or None

    def integer(self, number: int) -> int | None:
        """A number or truth, None where it is not there or too short."""
        kind, stored = self.values.get(number, (0, b""))
        form = _INTEGERS.get(kind)
        if form is None or len(stored) < struct.calcsize(form):
            # One byte is a truth in an Outlook store.
            return stored[0] if kind == BOOLEAN and stored else None
        return int(struct.unpack_from(form, stored)[0])

    def instant(self, number: int, column: str | None = None) -> datetime | None:
        """A time, None where it is none; one outside of the years is told."""
        kind, stored = self.values.get(number, (0, b""))
        if kind != TIME or len(stored) < 8:
            return None
        ticks = int.from_bytes(stored[:8], "little")
        try:
            return None if ticks == _NO_TIME else instant(ticks)
        except ValueError as error:
            self.wrong.append((f"property {number:04x}: {error}", column))
            return None

    def internet_page(self) -> str | None:
        """The encoding of bodies kept as bytes."""
        return self._label(_INTERNET_PAGE) or self.page

    def _label(self, number: int) -> str | None:
        page = self.integer(number)
        return _LABELS.get(page, f"cp{page}") if page else None


@dataclass(slots=True, kw_only=True)
class Attachment:
    """An attachment: its place, its properties, its bytes when asked for, and the item in it where it is one."""

    locator: str
    properties: Properties
    read: Callable[[], bytes | None]
    item: Callable[[], Item | None] = lambda: None


@dataclass(slots=True, kw_only=True)
class Item:
    """A message, contact, appointment: its properties, its recipients' and its attachments."""

    properties: Properties
    recipients: Iterable[Properties] = ()
    attachments: Iterable[Attachment] = ()


def names(guids: bytes, entries: bytes) -> dict[tuple[int, int], int]:
    """Numbers of Outlook's named properties by set and name, out of the streams of GUIDs and of entries.

    [MS-OXMSG] 2.2.3.1: a name that is a text and sets of others are left out.
    """
    found: dict[tuple[int, int], int] = {}
    for at in range(0, len(entries) - _ENTRY.size + 1, _ENTRY.size):
        number, kind, index = _ENTRY.unpack_from(entries, at)
        place = ((kind >> 1) - 3) * 16
        if kind & 1 or place < 0 or guids[place + 4 : place + 16] != _SET_END:
            continue
        found[int.from_bytes(guids[place : place + 4], "little"), number] = 0x8000 + index
    return found


def text_list(kind: int, stored: bytes) -> list[bytes]:
    """The values of a property of several, as an Outlook store keeps them: a count, offsets, bytes."""
    if not kind & MULTIPLE or len(stored) < 4:
        return []
    count = min(int.from_bytes(stored[:4], "little"), (len(stored) - 4) // 4)
    places = [*struct.unpack_from(f"<{count}I", stored, 4), len(stored)]
    return [stored[begin:end] for begin, end in zip(places, places[1:], strict=False) if begin < end]


def _clean(told: str) -> str:
    return told.rstrip("\0").replace("\0", "\\x00")


def one_off(stored: bytes) -> tuple[str, str] | None:
    """Name and address of an entry identifier that holds both ([MS-OXCDATA] 2.2.5.1), None of another kind."""
    if stored[4:20] != bytes.fromhex("812b1fa4bea310199d6e00dd010f5402") or len(stored) < 24:
        return None
    is_wide = bool(stored[23] & 0x80)
    parts: list[str] = []
    rest = stored[24:]
    for _ in range(3):
        step = 2 if is_wide else 1
        end = next(
            (at for at in range(0, len(rest) - step + 1, step) if not any(rest[at : at + step])), len(rest)
        )
        told = wide_text(rest[:end])[0] if is_wide else decode_text(rest[:end], None).text
        parts.append(told)
        rest = rest[end + step :]
    return parts[0], parts[2]


def values_of(given: Iterable[tuple[int, int, Any]]) -> dict[int, tuple[int, bytes]]:
    """Properties by number; the first of a number counts."""
    found: dict[int, tuple[int, bytes]] = {}
    for number, kind, stored in given:
        found.setdefault(number, (kind, bytes(stored or b"")))
    return found
