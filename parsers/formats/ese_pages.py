"""Pages of an ESE database: which hold what they held when written, and what stands in for one that does not.

libesedb gives up a whole table where one page of it cannot be read, and takes a page whose checksum does not hold
as it is. So the pages are gone through first; where a table cannot be read for its damaged pages, an empty page
that keeps its neighbours linked is given to the library instead, and the other pages of the table can be read.

References:
    - J. Metz, Extensible Storage Engine (ESE) Database File (EDB) format (libesedb), cited as [EDB]
    - Microsoft, Extensible-Storage-Engine (source), cited as [ESE]
"""

from __future__ import annotations

import io
import struct
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

# [EDB] File header: checksum, signature, version, type; at 52 the state, at 236 the page size.
SIGNATURE = bytes.fromhex("efcdab89")
HEADER_BYTES = 668
_STATE, _PAGE_SIZE = 52, 236
_SEED = 0x89ABCDEF
PAGE_SIZES = (4096, 8192, 2048, 16384, 32768)
# [EDB] Page header: checksums, time, previous and next page, object, free bytes, tags, flags.
_PAGE = struct.Struct("<IIQIIIHHHHI")
_LEAF, _NEW_CHECKSUM = 0x2, 0x2000
_COMMON = 0xA800
# [ESE] checksumu.cxx: larger pages are of four blocks with a checksum each, those of the last three behind the header.
_LARGEST_SMALL, _CHECKSUMS = 8192, 40
_MOST_CHAINS = 64
# [EDB] Catalog: page 4, its shadow page 24.
CATALOGUE_PAGE, SHADOW_PAGE = 4, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the file header says; `is_backup` where it is read from the copy behind it."""

    state: int
    page_size: int
    is_backup: bool
    content: bytes = field(repr=False)


def read_header(stream: BinaryIO) -> Header | None:
    """The header of a database, or its copy where the checksum of the first does not hold; None where neither holds."""
    for offset in (0, *PAGE_SIZES):
        for size in PAGE_SIZES if offset == 0 else (offset,):
            stream.seek(offset)
            page = stream.read(size)
            if (
                page[4:8] == SIGNATURE
                and len(page) == size
                and int.from_bytes(page[_PAGE_SIZE : _PAGE_SIZE + 4], "little") == size
                and _xor(page[4:]) ^ _SEED == int.from_bytes(page[:4], "little")
            ):
                return Header(
                    state=int.from_bytes(page[_STATE : _STATE + 4], "little"),
                    page_size=size,
                    is_backup=offset > 0,
                    content=page,
                )
    return None


@dataclass(slots=True, kw_only=True)
class Survey:
    """What going through all pages found: links and owners by page number, and the pages that are damaged or gone.

    `missing` are pages that others point to and that lie behind the end of the file; `looped` those whose link
    leads back to a page before. For pages that are damaged or missing, `leads_to` gives the whole page before,
    `led_from` the one after.
    """

    page_size: int
    last: int = 0
    before: array[int] = field(default_factory=lambda: array("I"))
    after: array[int] = field(default_factory=lambda: array("I"))
    owner: array[int] = field(default_factory=lambda: array("I"))
    is_leaf: bytearray = field(default_factory=bytearray)
    damaged: set[int] = field(default_factory=set)
    missing: dict[int, int] = field(default_factory=dict)
    looped: set[int] = field(default_factory=set)
    leads_to: dict[int, int] = field(default_factory=dict)
    led_from: dict[int, int] = field(default_factory=dict)
    trailing_bytes: int = 0

    def offset(self, page: int) -> int:
        """Where a page stands: two pages of headers come first."""
        return (page + 1) * self.page_size

    def owners(self, page: int) -> set[int]:
        """The objects a page may belong to: what it says itself, and what its neighbours say."""
        found = {self.missing[page]} if page in self.missing else {self.owner[page]}
        return found | {self.owner[one] for one in (self.leads_to.get(page), self.led_from.get(page)) if one}

    def blank(self, page: int) -> bytes:
        """An empty leaf in the place of a page, linked to its neighbours as they tell it."""
        before, after = self.leads_to.get(page, 0), self.led_from.get(page, 0)
        owner = self.owner[before or after] if before or after else self.missing.get(page, 0)
        return _laid_out(self.page_size, owner, _LEAF, [b""], before, after)

    def first_leaf(self, owner: int) -> int | None:
        """The leaf of an object that has none before it, of several the one most others follow (pages set free stay)."""
        found = [
            page
            for page in range(1, self.last + 1)
            if self.owner[page] == owner
            and self.is_leaf[page]
            and not self.before[page]
            and page not in self.damaged
        ]
        return max(found[:_MOST_CHAINS], key=self._followers, default=None)

    def _followers(self, page: int) -> int:
        count, following = 0, self.after[page]
        while 0 < following <= self.last and count < self.last:
            count, following = count + 1, self.after[following]
        return count

    def root(self, owner: int, leaf: int) -> bytes:
        """A root of one branch that leads to the first leaf of an object; the others are linked from there."""
        branch = b"\0\0" + struct.pack("<I", leaf)
        return _laid_out(self.page_size, owner, 0x5, [struct.pack("<IIII", 1, 1, 0, 0), branch], 0, 0)


def survey(stream: BinaryIO, page_size: int) -> Survey:
    """Go through every page once."""
    size = stream.seek(0, io.SEEK_END)
    found = Survey(page_size=page_size, last=max(size // page_size - 2, 0), trailing_bytes=size % page_size)
    for links in (found.before, found.after, found.owner):
        links.append(0)
    found.is_leaf.append(0)
    stream.seek(2 * page_size)
    for number in range(1, found.last + 1):
        page = stream.read(page_size)
        checksum, second, _, before, after, owner, *_, flags = _PAGE.unpack_from(page)
        found.before.append(before)
        found.after.append(after)
        found.owner.append(owner)
        found.is_leaf.append(bool(flags & _LEAF))
        if not _is_whole(page, number, checksum, second, flags):
            found.damaged.add(number)
    _check_links(found)
    return found


def _is_whole(page: bytes, number: int, checksum: int, second: int, flags: int) -> bool:
    if not page.strip(b"\0"):
        return True  # never written to
    if len(page) > _LARGEST_SMALL:
        size = len(page) // 4
        blocks = [page[8:size], *(page[place : place + size] for place in range(size, len(page), size))]
        stored = [checksum, *(one & 0xFFFFFFFF for one in struct.unpack_from("<3Q", page, _CHECKSUMS))]
        return [_xor(one) ^ number for one in blocks] == stored
    if flags & _NEW_CHECKSUM:
        return _xor(page[8:]) ^ number == checksum
    # [EDB] Before format revision 0x0b the second field is the number of the page.
    return second == number and _xor(page[4:]) ^ _SEED == checksum


def _check_links(found: Survey) -> None:
    """Find links to pages that are not there, and chains that never end."""
    for number in range(1, found.last + 1):
        if number in found.damaged:
            continue
        for other, told in ((found.before[number], found.led_from), (found.after[number], found.leads_to)):
            if other > found.last:
                found.missing.setdefault(other, found.owner[number])
            if other > found.last or other in found.damaged:
                told.setdefault(other, number)
    seen = bytearray(found.last + 1)
    for begin in range(1, found.last + 1):
        page, walk = begin, set[int]()
        while 0 < page <= found.last and not seen[page]:
            seen[page] = 1
            walk.add(page)
            following = found.after[page]
            if following in walk:
                found.looped.add(page)
                break
            page = following


def _xor(content: bytes) -> int:
    """All 32-bit words of some bytes, combined by exclusive or."""
    words = len(content) // 4
    value = int.from_bytes(content[: 4 * words], "little")
    while words > 1:
        half = (words + 1) // 2
        value = (value >> 32 * half) ^ (value & ((1 << 32 * half) - 1))
        words = half
    return value


def _laid_out(page_size: int, owner: int, flags: int, tags: list[bytes], before: int, after: int) -> bytes:
    """A page with these tags: header, tag values, and from the end of the page the tag array."""
    content, ends = b"".join(tags), b""
    offset = 0
    for tag in tags:
        ends = struct.pack("<HH", len(tag), offset) + ends
        offset += len(tag)
    header = 40 if page_size <= _LARGEST_SMALL else 80
    free = page_size - header - len(content) - len(ends)
    front = _PAGE.pack(0, 0, 0, before, after, owner, free, 0, len(content), len(tags), flags | _COMMON)
    return front + bytes(header - len(front)) + content + bytes(free) + ends


class Patched(io.RawIOBase):
    """A stream in which some blocks of one page are replaced, and which reaches to the last of them."""

    def __init__(self, stream: BinaryIO, page_size: int, blocks: Mapping[int, bytes]) -> None:
        """Replace blocks by their number, counted in pages from the start of the file."""
        super().__init__()
        self._stream, self._page_size, self._blocks = stream, page_size, blocks
        self._size = stream.seek(0, io.SEEK_END)
        if blocks:
            self._size = max(self._size, (max(blocks) + 1) * page_size)
        self._position = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be positioned."""
        return True

    def tell(self) -> int:
        """Where it stands."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set where it stands."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Bytes from where it stands."""
        end = self._size if size < 0 else min(self._position + size, self._size)
        parts = []
        while self._position < end:
            number, inner = divmod(self._position, self._page_size)
            length = min(self._page_size - inner, end - self._position)
            parts.append(self._block(number)[inner : inner + length])
            self._position += length
        return b"".join(parts)

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            return self._blocks[number]
        self._stream.seek(number * self._page_size)
        return self._stream.read(self._page_size).ljust(self._page_size, b"\0")

    def get_size(self) -> int:
        """How many bytes it has; the library asks for it."""
        return self._size
