"""Deleted and former rows of SQLite tables, out of free pages, unallocated space of leaves and former states of pages.

A row is taken only where header, values and size of its record add up, its values fit the columns of a table, its texts
are of the encoding of the database, and no row with the same values is live. In space that was given back, a row is found
whole, or with its first four bytes overwritten by the list of free blocks where all that follows fits in one way only.

Not found: rows longer than a page holds, rows of tables without rowid, rows overwritten in part, of more than 100
columns outside of whole pages, what `secure_delete` or VACUUM wiped, and what an index says of a row.

References:
    - SQLite, "Database File Format" (cited as [SQLITE]): 1.6 b-tree pages (freeblocks), 2.1 records
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from parsers.formats.sqlite_pages import (
    LEAF,
    Cell,
    Pages,
    cell,
    head_of,
    pointers,
    signed,
    size_of,
    unallocated,
    varint,
    varint_bytes,
)
from parsers.formats.sqlite_shapes import Shape, Values, is_telling, values_at, values_of

MOST_FOUND = 200_000
MOST_LOOKED_BYTES = 1 << 30
# What looks like a header of a row is tried in Python, which takes as long as searching so many bytes.
_TRY_BYTES = 256
# [SQLITE] 1.6: the first four bytes of a freeblock are the next one and its size.
_BLOCK_HEADER = 4
_LONGEST_LEAD = 12
_MOST_SPLITS = 64


class Found(NamedTuple):
    """A row that is not live: the tables it may be of (none where it fits no table), its values, its place."""

    tables: tuple[str, ...]
    values: Values
    where: str
    has_number: bool


@dataclass(slots=True)
class Carving:
    """Collects rows that are not live; `forget` takes away those that are."""

    pages: Pages
    shapes: Mapping[str, Shape]
    found: dict[Values, Found] = field(default_factory=dict)
    is_spent: bool = False
    _looked: int = 0
    _owners: dict[int, str] = field(default_factory=dict)
    # Rows found with their number, without it: the same row may be found again where its number is lost.
    _bare: set[Values] = field(default_factory=set)

    def look(self, roots: Mapping[str, int]) -> None:
        """Look through the tables, then through free pages and former states of pages."""
        for name, shape in self.shapes.items():
            for number, page in self.pages.tree(roots.get(name, 0)):
                self._owners[number] = name
                head = head_of(number)
                for start, end, is_block in unallocated(page, head, self.pages.usable):
                    where = f"page {number}, {'free block' if is_block else 'unallocated space'}"
                    self._region(page, start, end, (shape,), where, is_block=is_block)
                if self.is_spent:
                    return
        everything = tuple(self.shapes.values())
        for number, page, front in self.pages.free():
            self._whole(number, page, everything, f"free page {number}", front)
        for image in self.pages.earlier():
            if image.content == self.pages.page(image.number) or image.number == 1:
                continue
            owner = self.shapes.get(self._owners.get(image.number, ""))
            shapes = everything if owner is None else (owner,)
            self._cells(image.number, image.content, shapes, f"page {image.number}, {image.where}", owner)

    def forget(self, shape: Shape, key: Values) -> None:
        """A live row: nothing with its values was deleted."""
        if self.found:
            self.found.pop(key, None)
            self.found.pop(shape.without_number(key), None)

    def groups(self) -> Iterator[tuple[tuple[str, ...], list[Found]]]:
        """What is left, by the tables it may be of, in the order it was found."""
        grouped: dict[tuple[Any, ...], list[Found]] = {}
        for one in self.found.values():
            if not one.has_number and one.values in self._bare:
                continue
            grouped.setdefault((one.tables, 0 if one.tables else len(one.values)), []).append(one)
        for (tables, _), rows in grouped.items():
            yield tables, rows

    def _spend(self, size: int) -> bool:
        self._looked += size
        self.is_spent |= self._looked > MOST_LOOKED_BYTES or len(self.found) >= MOST_FOUND
        return not self.is_spent

    def _whole(self, number: int, page: bytes, shapes: Sequence[Shape], where: str, front: int) -> None:
        """A page of the freelist: its rows where it still lists them, and what lies between them."""
        taken: list[tuple[int, int]] = []
        if not front and page[0] == LEAF:
            taken, shapes = self._cells(number, page, shapes, where, None)
        place = front
        for start, end in [*sorted(taken), (self.pages.usable, 0)]:
            if start > place:
                self._region(page, place, start, shapes, where, is_block=False)
            place = max(place, end)

    def _cells(
        self, number: int, page: bytes, shapes: Sequence[Shape], where: str, owner: Shape | None
    ) -> tuple[list[tuple[int, int]], Sequence[Shape]]:
        """Rows a leaf lists: where they stand, and the tables that all of them fit."""
        head, usable = head_of(number), self.pages.usable
        if page[head] != LEAF or not self._spend(len(page)):
            return [], shapes
        listed = pointers(page, head, usable)
        cells = [one for place in listed if (one := cell(page, place, usable)) is not None]
        fitting = [
            one for one in shapes if cells and all(one.fits(row.types, is_own=one is owner) for row in cells)
        ]
        if owner is not None and not fitting:
            return [], shapes
        fitting = _nearest(fitting, cells)
        # A page that lists what does not add up was overwritten in part: its rows are not given to no table.
        if not fitting and len(cells) < len(listed):
            return [], shapes
        for row in cells:
            values = values_of(page, row, self.pages.codec)
            if values is not None:
                self._add(fitting, values, row.rowid, f"{where}, offset {row.start}")
        return [(row.start, row.end) for row in cells], fitting or shapes

    def _add(self, shapes: Sequence[Shape], values: list[Any], rowid: int | None, where: str) -> None:
        if len(self.found) >= MOST_FOUND:
            self.is_spent = True
            return
        if not shapes and not is_telling(values):
            return
        key = shapes[0].key(values, rowid) if shapes else tuple(values)
        if shapes and rowid is not None:
            self._bare.add(shapes[0].without_number(key))
        names = tuple(one.name for one in shapes)
        known = self.found.get(key)
        if known is None or (names and not known.tables):
            self.found[key] = Found(names, key, where, has_number=rowid is not None)

    def _region(
        self, page: bytes, start: int, end: int, shapes: Sequence[Shape], where: str, *, is_block: bool
    ) -> None:
        """Space that was given back: whole rows in it, then rows between them whose first bytes are overwritten."""
        content = page[start:end]
        if not content.strip(b"\0") or not self._spend(len(content) * len(shapes)):
            return
        rows: dict[tuple[int, int], tuple[Cell, list[Shape]]] = {}
        for shape in shapes:
            for one in self._intact(content, shape):
                rows.setdefault((one.start, one.end), (one, []))[1].append(shape)
        spans = _uncovered(sorted(rows))
        edges = [*(start for start, _ in spans), len(content)]
        is_block = is_block and bool(edges[0])
        gaps = [self._gap(content, 0, edges[0], shapes)] if is_block else []
        for (at, behind), edge in zip(spans, edges[1:], strict=True):
            row, fitting = rows[at, behind]
            gap = self._gap(content, behind, edge, shapes) if behind < edge else []
            gaps.append(gap)
            # What begins before a row ends was written over it: the end of a row is to be the edge of another thing.
            values = values_of(content, row, self.pages.codec) if behind == edge or gap else None
            if values is not None and is_telling(values):
                self._add(_nearest(fitting, [row]), values, row.rowid, f"{where}, offset {start + at}")
        for place, values in (one for gap in gaps for one in gap):
            told = f"{where}, offset {start + place}, number of the row lost"
            self._add(shapes, values, None, told)

    def _gap(
        self, content: bytes, start: int, end: int, shapes: Sequence[Shape]
    ) -> list[tuple[int, list[Any]]]:
        """Rows without their first bytes, which must fill a gap to its end; where several tables may be meant none is told."""
        if end - start < 2 * _BLOCK_HEADER or len(shapes) != 1:
            return []
        return _fill(content, start, end, shapes[0], self.pages.codec) or []

    def _intact(self, content: bytes, shape: Shape) -> Iterator[Cell]:
        """Rows of a table whose front is whole: a header that fits the columns, behind a number of the row and the size it must have."""
        if shape.pattern is None:
            return
        for match in shape.pattern.finditer(content):
            if not self._spend(_TRY_BYTES):
                return
            header, at = match[1], match.start()
            if len(header) != header[0]:
                continue
            types = _types(content, at + 1, len(shape.columns))
            if types is None or types[1] != at + len(header):
                continue
            payload = len(header) + sum(map(size_of, types[0]))
            told = varint_bytes(payload)
            for width in range(1, 10):
                start = at - width - len(told)
                if start < 0:
                    break
                if content[start : start + len(told)] == told and varint(content, at - width, at)[1] == at:
                    number = varint(content, at - width, at)[0]
                    yield Cell(signed(number), tuple(types[0]), start, types[1], at + payload)
                    break


def _nearest(shapes: Sequence[Shape], cells: Sequence[Cell]) -> list[Shape]:
    """Of several tables that fit, those with the fewest columns that the rows do not have."""
    longest = max((len(one.types) for one in cells), default=0)
    over = min((len(one.columns) - longest for one in shapes), default=0)
    return [one for one in shapes if len(one.columns) - longest == over]


def _uncovered(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """One row for each place where one begins."""
    kept: list[tuple[int, int]] = []
    for start, end in reversed(spans):
        if not kept or start < kept[-1][0]:
            kept.append((start, end))
    return kept[::-1]


def _types(content: bytes, place: int, count: int) -> tuple[list[int], int] | None:
    """So many serial types from here on, and where they end."""
    found = []
    for _ in range(count):
        kind, place = varint(content, place, len(content))
        if place < 0 or size_of(kind) < 0 or kind > 1 << 18:
            return None
        found.append(kind)
    return found, place


def _fill(
    content: bytes, start: int, end: int, shape: Shape, codec: str
) -> list[tuple[int, list[Any]]] | None:
    """Rows without their first four bytes that fill a gap; None where they do not, or do in more than one way."""
    # How many ways lead from a place to the end, and the first step of one; places are met front to back.
    steps: dict[int, list[tuple[int, list[Any]]]] = {}
    waiting = [start]
    while waiting and len(steps) < _MOST_SPLITS:
        place = waiting.pop()
        if place not in steps and place < end:
            steps[place] = list(_overwritten(content, place, end, shape, codec))
            waiting += [behind for behind, _ in steps[place]]
    if waiting:
        return None
    ways = {end: 1}
    for place in sorted(steps, reverse=True):
        ways[place] = sum(ways.get(behind, 0) for behind, _ in steps[place])
    if ways.get(start) != 1:
        return None
    found, place = [], start
    while place != end:
        behind, values = next(one for one in steps[place] if ways.get(one[0]))
        found.append((place, values))
        place = behind
    return found


def _overwritten(
    content: bytes, start: int, end: int, shape: Shape, codec: str
) -> Iterator[tuple[int, list[Any]]]:
    """Ways to read a row whose first four bytes are gone: where it ends, and its values."""
    count = len(shape.columns)
    for lead in range(_BLOCK_HEADER - 1, _LONGEST_LEAD + 1):
        # With a lead of three bytes (sizes and number of a byte each) the first serial type is gone as well,
        # which is known where that column is the number of the row.
        is_cut = lead < _BLOCK_HEADER
        if is_cut and shape.alias != 0:
            continue
        at = start + max(lead, _BLOCK_HEADER)
        read = _types(content, at, count - is_cut)
        if read is None:
            continue
        types, body = read
        types = [0, *types] if is_cut else types
        behind = body + sum(map(size_of, types))
        header = 1 + body - start - lead
        payload = header + behind - body
        if behind > end or header > 127 or not shape.fits(types):
            continue
        if not _holds(content[start + _BLOCK_HEADER : start + lead], header, lead, payload):
            continue
        values = values_at(content, body, types, codec)
        if values is not None and is_telling(values):
            yield behind, values


def _holds(kept: bytes, header: int, lead: int, payload: int) -> bool:
    """Whether what is left before the serial types can be the end of the number of the row and the size of the header."""
    width = lead - 1 - len(varint_bytes(payload))
    if not 1 <= width <= 9:
        return False
    if not kept:
        return True
    if kept[-1] != header:
        return False
    number = kept[:-1][-width:]
    return not number or (number[-1] < 0x80 and all(one >= 0x80 for one in number[:-1]))
