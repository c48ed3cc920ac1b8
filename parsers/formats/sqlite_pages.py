"""Pages of an SQLite database and of its write-ahead log, read without SQLite: b-trees of tables, free pages, earlier states.

Nothing here raises for what stands in a database: what does not hold is passed over. Each page is visited once.

References:
    - SQLite, "Database File Format" (cited as [SQLITE]): 1.3 the header, 1.5 the freelist, 1.6 b-tree pages, 2.1 records,
      4 the write-ahead log
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from parsers.contract import Artefact

LEAF, INTERIOR = 0x0D, 0x05
_LOG_HEADER, _FRAME_HEADER = 32, 24
_FIRST_HEADER = 100
# [SQLITE] 2.1: bytes of a value by serial type; 10 and 11 are reserved.
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
MOST_COLUMNS = 2000


class Image(NamedTuple):
    """A page as it stands, or stood, in one place; `number` counts from 1."""

    number: int
    content: bytes
    where: str


class Cell(NamedTuple):
    """A row of a table leaf: its number, serial types, and where in its page it begins, has its values and ends."""

    rowid: int
    types: tuple[int, ...]
    start: int
    body: int
    end: int


@dataclass(slots=True)
class Pages:
    """The pages of a database as of the last commit in its log."""

    page_size: int
    usable: int
    codec: str
    count: int
    _stream: BinaryIO
    _log: BinaryIO | None = None
    _live: dict[int, int] = field(default_factory=dict)
    _old: list[tuple[int, int]] = field(default_factory=list)
    walked: set[int] = field(default_factory=set)

    def close(self) -> None:
        """Close the streams."""
        self._stream.close()
        if self._log is not None:
            self._log.close()

    def page(self, number: int) -> bytes:
        """A page as it is now; nothing where there is none or it is not whole."""
        if not 1 <= number <= self.count:
            return b""
        if number in self._live:
            return self._framed(self._live[number])
        return self._stored(number)

    def tree(self, root: int) -> Iterator[tuple[int, bytes]]:
        """The leaves of a table, each once, also of a damaged tree; pages of another table are left out."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in self.walked:
                continue
            page = self.page(number)
            if not page:
                continue
            self.walked.add(number)
            head = head_of(number)
            if page[head] == LEAF:
                yield number, page
            elif page[head] == INTERIOR:
                waiting += _children(page, head, self.usable)

    def free(self) -> Iterator[tuple[int, bytes, int]]:
        """Pages of the freelist that no table has: number, content, and how many bytes at its front the list itself takes."""
        first = self.page(1)
        trunk = struct.unpack_from(">I", first, 32)[0] if len(first) >= _FIRST_HEADER else 0
        seen = set(self.walked)
        while trunk and trunk not in seen:
            seen.add(trunk)
            page = self.page(trunk)
            if not page:
                return
            following, count = struct.unpack_from(">II", page)
            count = min(count, self.usable // 4 - 2)
            yield trunk, page, 8 + 4 * count
            for number in struct.unpack_from(f">{count}I", page, 8):
                leaf = b"" if number in seen else self.page(number)
                if leaf:
                    seen.add(number)
                    yield number, leaf, 0
            trunk = following

    def earlier(self) -> Iterator[Image]:
        """Former states of pages: what the log put in their place, and frames of the log that are not in force."""
        for number in sorted(self._live):
            if content := self._stored(number):
                yield Image(number, content, "database file before the log")
        for number, place in self._old:
            if content := self._framed(place):
                frame = (place - _LOG_HEADER) // (_FRAME_HEADER + self.page_size) + 1
                yield Image(number, content, f"frame {frame} of the log")

    def _stored(self, number: int) -> bytes:
        return _read(self._stream, (number - 1) * self.page_size, self.page_size)

    def _framed(self, place: int) -> bytes:
        return b"" if self._log is None else _read(self._log, place + _FRAME_HEADER, self.page_size)


def open_pages(artefact: Artefact, wal: Artefact | None, checked: int | None) -> Pages | None:
    """The pages of a database and of the log applied to it; `checked` is how many of its frames hold, if that is known."""
    header = artefact.head(_FIRST_HEADER)
    if len(header) < _FIRST_HEADER:
        return None
    size = int.from_bytes(header[16:18], "big")
    size = 65536 if size == 1 else size
    reserved, encoding = header[20], int.from_bytes(header[56:60], "big")
    if size < 512 or size & (size - 1) or size - reserved < 480:
        return None
    codec = {2: "utf-16-le", 3: "utf-16-be"}.get(encoding, "utf-8")
    pages = Pages(size, size - reserved, codec, artefact.size // size, artefact.open())
    if wal is not None:
        _take_log(pages, wal, checked)
    return pages


def _take_log(pages: Pages, wal: Artefact, checked: int | None) -> None:
    """[SQLITE] 4.3: of the frames up to the last commit, the latest of each page is in force."""
    pages._log = stream = wal.open()
    salts = _read(stream, 16, 8)
    step = _FRAME_HEADER + pages.page_size
    frames: list[tuple[int, int, int]] = []
    is_running, committed = True, 0
    for index in range(max(0, wal.size - _LOG_HEADER) // step):
        place = _LOG_HEADER + index * step
        head = _read(stream, place, _FRAME_HEADER)
        if not head:
            break
        number, commit = struct.unpack_from(">II", head)
        is_running &= head[8:16] == salts and (checked is None or index < checked)
        frames.append((number, commit, place))
        if is_running and commit:
            committed, pages.count = len(frames), commit
    for number, _, place in frames[:committed]:
        if number in pages._live:
            pages._old.append((number, pages._live[number]))
        pages._live[number] = place
    pages._old += [(number, place) for number, _, place in frames[committed:]]


def head_of(number: int) -> int:
    """Where the b-tree header of a page begins."""
    return _FIRST_HEADER if number == 1 else 0


def pointers(page: bytes, head: int, usable: int) -> tuple[int, ...]:
    """Where the cells of a page begin, as far as their array lies in the page."""
    array = head + (12 if page[head] == INTERIOR else 8)
    count = min(int.from_bytes(page[head + 3 : head + 5], "big"), max(0, usable - array) // 2)
    return struct.unpack_from(f">{count}H", page, array)


def unallocated(page: bytes, head: int, usable: int) -> list[tuple[int, int, bool]]:
    """[SQLITE] 1.6: what no cell of a leaf takes: from, to, and whether it is a freeblock; nothing where the page does not hold."""
    block, cells, content = struct.unpack_from(">HHH", page, head + 1)
    front, content = head + 8 + 2 * cells, content or 65536
    if not front <= content <= usable:
        return []
    found = [(front, content, False)] if content > front else []
    last = content
    while block:
        if block < last or block + 4 > usable:
            break
        following, size = struct.unpack_from(">HH", page, block)
        if size < 4 or block + size > usable:
            break
        found.append((block, block + size, True))
        block, last = following, block + size
    return found


def cell(page: bytes, start: int, usable: int) -> Cell | None:
    """The row that begins here, if it stands in this page whole and its header and values add up."""
    payload, place = varint(page, start, usable)
    rowid, place = varint(page, place, usable)
    head, types_at = varint(page, place, usable)
    if place < 0 or types_at < 0 or payload > usable - 35 or place + payload > usable or not head:
        return None
    body = place + head
    if body > place + payload:
        return None
    types: list[int] = []
    at, total = types_at, 0
    while at < body and len(types) <= MOST_COLUMNS:
        kind, at = varint(page, at, body)
        size = size_of(kind)
        if at < 0 or size < 0:
            return None
        types.append(kind)
        total += size
    if at != body or head + total != payload or not types:
        return None
    return Cell(signed(rowid), tuple(types), start, body, place + payload)


def size_of(kind: int) -> int:
    """Bytes of a value of this serial type; -1 for those reserved."""
    if kind < 10:
        return _SIZES[kind]
    return -1 if kind < 12 else (kind - 12) // 2


def signed(number: int) -> int:
    """A number of 64 bits with its sign."""
    return number - (1 << 64) if number >> 63 else number


def varint(content: bytes, place: int, end: int) -> tuple[int, int]:
    """A number of one to nine bytes and where it ends; the place is -1 where it does not end."""
    if place < 0:
        return 0, -1
    value = 0
    for index in range(place, min(place + 8, end)):
        byte = content[index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, index + 1
    if place + 9 <= end:
        return value << 8 | content[place + 8], place + 9
    return 0, -1


def varint_bytes(value: int) -> bytes:
    """A number below 2**28 as SQLite writes it."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, value & 0x7F | 0x80)
    return bytes(out)


def value_of(kind: int, content: bytes, codec: str) -> int | float | str | bytes | None:
    """The value of a serial type; its bytes are as many as `size_of` says.

    Raises:
        UnicodeDecodeError: a text is not of the encoding of the database.
    """
    if kind in (0, 8, 9):
        return None if kind == 0 else kind - 8
    if kind == 7:
        return float(struct.unpack(">d", content)[0])
    if kind < 7:
        return int.from_bytes(content, "big", signed=True)
    return content.decode(codec) if kind % 2 else content


def _children(page: bytes, head: int, usable: int) -> list[int]:
    found = [struct.unpack_from(">I", page, head + 8)[0]]
    found += [
        struct.unpack_from(">I", page, one)[0] for one in pointers(page, head, usable) if one + 4 <= usable
    ]
    return found


def _read(stream: BinaryIO, place: int, size: int) -> bytes:
    """So many bytes, or nothing where there are fewer."""
    stream.seek(place)
    content = stream.read(size)
    return content if len(content) == size else b""
