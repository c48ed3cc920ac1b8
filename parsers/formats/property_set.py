"""Property sets of OLE: values by set and identifier, texts in the code page the set names.

References:
    - [MS-OLEPS] 2.1 to 2.21 (types 2.2, dictionary 2.17, code page 2.18.2), 2.25.2 (user-defined properties)
"""

from __future__ import annotations

import codecs as stdlib_codecs
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parsers.formats import codecs

SUMMARY = uuid.UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9")
DOCUMENT_SUMMARY = uuid.UUID("d5cdd502-2e9c-101b-9397-08002b2cf9ae")
USER_DEFINED = uuid.UUID("d5cdd505-2e9c-101b-9397-08002b2cf9ae")
_MOST_PROPERTIES = 5000
_MOST_TEXT = 1 << 20
_NUMBERS = {
    2: "<h",
    3: "<i",
    4: "<f",
    5: "<d",
    18: "<H",
    19: "<I",
    20: "<q",
    21: "<Q",
    22: "<i",
    23: "<I",
    64: "<Q",
}
_FIXED = {16: "<b", 17: "<B"}
_CODECS = {1200: "utf-16-le", 65001: "utf-8", 10000: "mac_roman", 10001: "cp932", 0: "cp1252", 20932: "euc_jp", 51932: "euc_jp"}  # fmt: skip
_VECTOR = 0x1000


class Ticks(int):
    """A FILETIME, or a span counted alike."""


@dataclass(slots=True)
class PropertySet:
    """One set: its values by identifier, names of its own ones, the codec its texts were read with, what is wrong."""

    format_id: uuid.UUID
    codec: str
    values: dict[int, Any] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    wrong: list[tuple[int, str]] = field(default_factory=list)


def property_sets(content: bytes) -> Iterator[PropertySet]:
    """The sets of a stream, at most two.

    Raises:
        ValueError: the stream is no property set.
    """
    if len(content) < 48 or content[:2] != b"\xfe\xff":
        raise ValueError("the stream does not begin like a property set")
    count = min(int.from_bytes(content[24:28], "little"), 2)
    for index in range(count):
        at = 28 + 20 * index
        if at + 20 > len(content):
            return
        offset = int.from_bytes(content[at + 16 : at + 20], "little")
        yield _Reader(content, offset).read(uuid.UUID(bytes_le=content[at : at + 16]))


class _Reader:
    def __init__(self, content: bytes, offset: int) -> None:
        self._content = content
        self._start = offset
        self._codec = "cp1252"
        self._replaced = 0
        self._left = 2 * len(content)

    def read(self, format_id: uuid.UUID) -> PropertySet:
        """All values of the set; one that cannot be read is told in `wrong`."""
        places: dict[int, int] = {}
        try:
            _, count = struct.unpack_from("<II", self._content, self._start)
            for index in range(min(count, _MOST_PROPERTIES)):
                key, offset = struct.unpack_from("<II", self._content, self._start + 8 + 8 * index)
                places.setdefault(key, self._start + offset)
        except struct.error:
            found = PropertySet(format_id, self._codec)
            found.wrong.append((0, "the list of properties is cut off"))
            if not places:
                return found
        wrong: list[tuple[int, str]] = []
        if 1 in places:
            wrong += self._code_page(places.pop(1))
        found = PropertySet(format_id, self._codec, wrong=wrong)
        for key, place in places.items():
            self._replaced = 0
            try:
                if key == 0:
                    found.names = self._dictionary(place)
                elif key < 0x80000000:
                    kind = int.from_bytes(self._bytes(place, 2), "little")
                    found.values[key], _ = self._value(kind, place + 4)
            except (struct.error, ValueError, OverflowError, MemoryError) as error:
                found.wrong.append((key, str(error)))
            if self._replaced:
                found.wrong.append((key, f"{self._replaced} bytes are not {self._codec}"))
        return found

    def _code_page(self, place: int) -> Iterator[tuple[int, str]]:
        try:
            page = (
                int(self._value(int.from_bytes(self._bytes(place, 2), "little"), place + 4)[0] or 0) & 0xFFFF
            )
            self._codec = _CODECS.get(page, f"cp{page}")
            stdlib_codecs.lookup(self._codec)
        except (LookupError, ValueError, TypeError, struct.error) as error:
            self._codec = "cp1252"
            yield 1, f"the code page is not known: {error}"

    def _bytes(self, place: int, size: int) -> bytes:
        if size < 0 or place + size > len(self._content):
            raise ValueError(f"a value of {size} bytes at offset {place} ends beyond the stream")
        return self._content[place : place + size]

    def _value(self, kind: int, place: int, depth: int = 0) -> tuple[Any, int]:
        """A value and the place behind it."""
        if kind in _NUMBERS or kind in _FIXED:
            packed = _NUMBERS.get(kind) or _FIXED[kind]
            size = struct.calcsize(packed)
            number = struct.unpack(packed, self._bytes(place, size))[0]
            return Ticks(number) if kind == 64 else number, place + max(size, 4)
        if kind == 11:
            return self._bytes(place, 2) != b"\0\0", place + 4
        if kind in (30, 8):
            size = int.from_bytes(self._bytes(place, 4), "little")
            told = self._text(self._bytes(place + 4, min(size, _MOST_TEXT)), self._codec)
            # [MS-OSHARED] 2.3.3.1.4: in a vector such texts are not aligned.
            return told, place + 4 + size + (-size % 4 if depth == 0 else 0)
        if kind == 31:
            size = 2 * int.from_bytes(self._bytes(place, 4), "little")
            stored = self._bytes(place + 4, min(size, _MOST_TEXT))
            return self._text(stored, "utf-16-le"), place + 4 + size + -size % 4
        if kind & _VECTOR and depth == 0:
            return self._vector(kind & 0xFFF, place)
        if kind == 12 and depth == 1:
            return self._value(int.from_bytes(self._bytes(place, 2), "little"), place + 4, 2)
        if kind in (0, 1):
            return None, place
        if kind in (65, 70, 71):  # blobs and pictures are not read
            return None, place + 4 + int.from_bytes(self._bytes(place, 4), "little")
        raise ValueError(f"a value of type {kind:#x} is not read")

    def _vector(self, kind: int, place: int) -> tuple[list[Any], int]:
        count = int.from_bytes(self._bytes(place, 4), "little")
        found, place = [], place + 4
        for _ in range(min(count, _MOST_PROPERTIES)):
            value, place = self._value(kind, place, 1)
            found.append(value)
        return found, place

    def _dictionary(self, place: int) -> dict[int, str]:
        names = {}
        count = int.from_bytes(self._bytes(place, 4), "little")
        place += 4
        is_wide = self._codec == "utf-16-le"
        for _ in range(min(count, _MOST_PROPERTIES)):
            key, size = struct.unpack("<II", self._bytes(place, 8))
            size *= 2 if is_wide else 1
            names[key] = self._text(self._bytes(place + 8, size), self._codec)
            place += 8 + size + (-size % 4 if is_wide else 0)
        return names

    def _text(self, stored: bytes, codec: str) -> str:
        # Properties of a made set can share what is stored.
        self._left -= len(stored)
        if self._left < 0:
            raise ValueError("the texts of the set are more than its stream can hold")
        if codec == "utf-16-le":
            told = stored[: len(stored) // 2 * 2].decode("utf-16-le", "replace")
            self._replaced += told.count("\ufffd") > 0
            return told.partition("\0")[0]
        told, replaced = codecs.decode(stored.split(b"\0", 1)[0], codec)
        self._replaced += replaced
        return told
