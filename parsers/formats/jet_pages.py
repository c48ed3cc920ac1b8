"""The pages of an Access database (Jet 3, Jet 4, ACE): their kinds, the records on a page, the pages a table owns, long values.

Nothing here follows a pointer twice: pages are taken from the map of a table, and a chain of long values ends at its stated length.

References:
    - mdbtools, HACKING.md: database definition page, data pages, memo fields, LVAL pages, page usage maps; src/libmdb/file.c (RC4)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

SIGNATURES = (b"\x00\x01\x00\x00Standard Jet DB\x00", b"\x00\x01\x00\x00Standard ACE DB\x00")
DATA, DEFINITION, USAGE = 1, 2, 5
_HEAD_KEY = bytes.fromhex("c7da396b")
_HEAD_START, _HEAD_BYTES = 0x18, 126
_VERSION, _CODE_PAGE, _KEY = 0x14, 0x3C, 0x3E
# The greatest database Access makes has 2 GB.
_MOST_BYTES = 2 << 30
_MOST_CHAIN = 4096
OFFSET_MASK, DELETED, ELSEWHERE = 0x1FFF, 0x8000, 0x4000


class JetError(ValueError):
    """Bytes that are not what the format has there; the message says what."""


@dataclass(slots=True)
class Pages:
    """The pages of a database, read as they are asked for."""

    stream: BinaryIO
    size: int
    version: int = field(init=False)
    code_page: int = field(init=False)
    key: int = field(init=False)
    page_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        """Read the database definition page.

        Raises:
            JetError: it is none.
        """
        self.stream.seek(0)
        head = self.stream.read(256)
        if len(head) < 256 or not head.startswith(SIGNATURES):
            raise JetError("the first page is no definition of a database")
        plain = rc4(_HEAD_KEY, head[_HEAD_START : _HEAD_START + _HEAD_BYTES])
        self.version = head[_VERSION]
        (self.code_page,) = struct.unpack_from("<H", plain, _CODE_PAGE - _HEAD_START)
        (self.key,) = struct.unpack_from("<I", plain, _KEY - _HEAD_START)
        self.page_bytes = 4096 if self.version else 2048

    @property
    def is_jet3(self) -> bool:
        """Whether it is of Access 97, with pages of 2 KiB and text in a code page."""
        return self.version == 0

    @property
    def count(self) -> int:
        """How many whole pages there are."""
        return min(self.size, _MOST_BYTES) // self.page_bytes

    def page(self, number: int) -> bytes:
        """The bytes of a page.

        Raises:
            JetError: there is no such page.
        """
        if not 0 < number < self.count:
            raise JetError(f"page {number} is beyond the {self.count} there are")
        self.stream.seek(number * self.page_bytes)
        content = self.stream.read(self.page_bytes)
        return _decoded(content, self.key ^ number) if self.key else content

    def slots(self, page: bytes) -> list[tuple[int, int, int]]:
        """Flags, start and end of each record on a page, in their order; one that overlaps another is left out."""
        at = 8 if self.is_jet3 else 12
        (count,) = struct.unpack_from("<H", page, at)
        most = (self.page_bytes - at - 2) // 2
        end, found = self.page_bytes, []
        for index in range(min(count, most)):
            (stored,) = struct.unpack_from("<H", page, at + 2 + 2 * index)
            start = stored & OFFSET_MASK
            if at + 2 + 2 * min(count, most) <= start <= end:
                found.append((stored & ~OFFSET_MASK, start, end))
                end = start
            else:
                found.append((DELETED | ELSEWHERE, 0, 0))
        return found

    def record(self, pointer: int) -> bytes:
        """The record a pointer tells: its number in the lowest byte, its page above.

        Raises:
            JetError: there is none.
        """
        number, slot = pointer >> 8, pointer & 0xFF
        page = self.page(number)
        if page[0] != DATA:
            raise JetError(f"page {number} is no page of data")
        slots = self.slots(page)
        if slot >= len(slots) or not slots[slot][2]:
            raise JetError(f"page {number} has no record {slot}")
        _, start, end = slots[slot]
        return page[start:end]

    def owned(self, pointer: int) -> Iterator[int]:
        """Numbers of the pages in the map of a table, each once, in ascending order of the map.

        Raises:
            JetError: the map cannot be read.
        """
        told = self.record(pointer)
        if len(told) < 5:
            raise JetError("the map of a table's pages is too short")
        if told[0] == 0:
            (first,) = struct.unpack_from("<I", told, 1)
            yield from _bits(told[5:], first, self.count)
        elif told[0] == 1:
            per_page = (self.page_bytes - 4) * 8
            for index, (number,) in enumerate(
                struct.iter_unpack("<I", told[1 : 1 + (len(told) - 1) // 4 * 4])
            ):
                if number:
                    page = self.page(number)
                    if page[0] != USAGE:
                        raise JetError(f"page {number} is no map of pages")
                    yield from _bits(page[4:], index * per_page, self.count)
        else:
            raise JetError(f"a map of pages of the unknown kind {told[0]}")

    def long_value(self, told: bytes, most: int) -> bytes:
        """A memo or object out of its twelve bytes in a row and what they point at, at most so many bytes.

        Raises:
            JetError: it cannot be read to its stated length.
        """
        if len(told) < 12:
            raise JetError(f"a long value has {len(told)} of 12 bytes")
        stated, pointer = struct.unpack_from("<II", told)
        size = min(stated & 0x3FFFFFFF, most)
        if stated & 0x80000000:
            content = told[12 : 12 + size]
        elif stated & 0x40000000:
            content = self.record(pointer)[:size]
        else:
            content = self._chained(pointer, size)
        if len(content) < size:
            raise JetError(f"a long value has {len(content)} of its {size} bytes")
        return content

    def _chained(self, pointer: int, size: int) -> bytes:
        parts: list[bytes] = []
        seen: set[int] = set()
        held = 0
        while held < size and pointer and pointer not in seen and len(seen) < _MOST_CHAIN:
            seen.add(pointer)
            part = self.record(pointer)
            if len(part) <= 4:
                break
            (pointer,) = struct.unpack_from("<I", part)
            parts.append(part[4:])
            held += len(part) - 4
        return b"".join(parts)[:size]


def _bits(stored: bytes, first: int, most: int) -> Iterator[int]:
    for index, byte in enumerate(stored):
        if byte:
            for bit in range(8):
                number = first + 8 * index + bit
                if byte >> bit & 1 and 0 < number < most:
                    yield number


@lru_cache(maxsize=64)
def _decoded(content: bytes, key: int) -> bytes:
    return rc4(struct.pack("<I", key), content)


def rc4(key: bytes, content: bytes) -> bytes:
    """RC4, with which Access encodes pages; its keys are shorter than libraries of cryptography allow."""
    state = list(range(256))
    place = 0
    for index in range(256):
        place = (place + state[index] + key[index % len(key)]) & 0xFF
        state[index], state[place] = state[place], state[index]
    out, one, other = bytearray(len(content)), 0, 0
    for index, byte in enumerate(content):
        one = (one + 1) & 0xFF
        other = (other + state[one]) & 0xFF
        state[one], state[other] = state[other], state[one]
        out[index] = byte ^ state[(state[one] + state[other]) & 0xFF]
    return bytes(out)
