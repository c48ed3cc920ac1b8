"""Finds the tables of a sheet: blocks of cells parted by empty rows, empty columns or a new header.

A sheet is one table until something tells otherwise. Empty rows alone part nothing: behind them a header must stand, or
cells in other columns than before. A new header without empty rows must be made of words that usually head columns. Empty
columns part a table only where both sides stand alone: they repeat a word of the header, begin at different rows, one side ends
long before the other, or is several tables below one another. Whatever is not told apart stays together, so that cells of one row are not torn apart.
"""

from __future__ import annotations

import re
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from parsers.formats import tabular
from parsers.formats.sheet_blocks import (
    LEAST_WORDS,
    Block,
    Cells,
    before_next_header,
    extent,
    filled_mask,
    is_header,
)

# Values of a row by its number from 0.
Numbered = tuple[int, Cells]

_MOST_TABLES = 500
_MOST_SIDES = 32
_MOST_AGAIN = 100
# Wider sheets are one table: what is held to look ahead would be too much.
_MOST_COLUMNS = 1024
# Where empty rows are usual and no table follows them, they are no longer looked behind.
_MOST_LOOKS = 2000
_MOST_MASKS = 10_000
_LEAST_LONGER = 3
_NUMBER = re.compile(r"\d{3}")


def blocks(rows: Callable[[], Iterable[Cells]], text: Callable[[Any], str | None]) -> list[Block]:
    """The tables of a sheet, those side by side one after the other, each from top to bottom.

    `rows` gives all rows of the sheet from its first one, as often as it is asked; `text` a value as text.
    """
    found: list[Block] = []
    again = _Again(rows, text)
    for region in _stacked(enumerate(rows()), text, 0):
        sides = _sides(region, again)
        if len(sides) == 1:
            found.append(_closed(region))
            continue
        for side in sides:
            found += map(_closed, again.stacked(region, side))
    return found


class _Again:
    """Reads some rows and columns of a sheet again, which is not done without end."""

    def __init__(self, rows: Callable[[], Iterable[Cells]], text: Callable[[Any], str | None]) -> None:
        self._rows = rows
        self._text = text
        self.is_spent = False
        self._count = 0

    def stacked(self, region: Block, side: tuple[int, int]) -> list[Block]:
        """Blocks from top to bottom in some columns of a region."""
        self._count += 1
        self.is_spent = self._count >= _MOST_AGAIN
        left, right = side
        inner = (
            (number, values[left:right]) for number, values in _between(self._rows, region.top, region.bottom)
        )
        return list(_stacked(inner, self._text, left))


def _between(rows: Callable[[], Iterable[Cells]], top: int, bottom: int) -> Iterator[Numbered]:
    for number, values in enumerate(rows()):
        if number > bottom:
            return
        if number >= top:
            yield number, values


def _closed(block: Block) -> Block:
    """A block with its columns, its lines above the header alone, and no more of what was held to find it."""
    block.left, block.right = extent(block.union)
    if not block.is_note:
        above = -1 if block.header_row is None else block.header_row
        block.first = [one for one in block.first if one[0] < above]
    block.numbers, block.masks = array("I"), []
    return block


# Rows


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    values: Cells
    mask: int  # a byte for each column, 1 where a cell is filled


def _stacked(rows: Iterable[Numbered], text: Callable[[Any], str | None], left: int) -> Iterator[Block]:
    """Blocks from top to bottom; `left` is the column the first value stands in."""
    reading = _Reading(text, left)
    ahead: deque[_Row] = deque()
    for number, values in rows:
        mask = filled_mask(values)
        if not mask:
            continue
        ahead.append(_Row(number, values, mask << 8 * left))
        if len(ahead) > tabular.LOOK_ROWS:
            yield from reading.take(ahead)
    while ahead:
        yield from reading.take(ahead)
    yield from reading.end()


class _Reading:
    """The block that is open as rows go by."""

    def __init__(self, text: Callable[[Any], str | None], left: int) -> None:
        self._text = text
        self._left = left
        self._block: Block | None = None
        self._looks = self._count = 0
        self._masks: dict[int, int] = {}

    def take(self, ahead: deque[_Row]) -> Iterator[Block]:
        """The first of the rows ahead; gives the block that ends before it."""
        row = ahead[0]
        block = self._block
        if block is None:
            self._begin(ahead, self._header(ahead))
        elif self._may_end(block, row):
            header = self._next_header(block, ahead)
            if header is not None or self._is_elsewhere(block, row):
                yield block
                self._begin(ahead, header)
        ahead.popleft()
        self._add(row)

    def end(self) -> Iterator[Block]:
        """The last block."""
        if self._block is not None:
            yield self._block

    def _begin(self, ahead: deque[_Row], header: tuple[int, tuple[str, ...]] | None) -> None:
        self._count += 1
        row = ahead[0]
        self._block = Block(top=row.number, bottom=row.number, left=0, right=0)
        if header is not None:
            self._block.header_row, self._block.header = header

    def _add(self, row: _Row) -> None:
        block = self._block
        assert block is not None
        block.bottom = row.number
        if block.header_row is None or row.number >= block.header_row:
            block.union |= row.mask
        if len(self._masks) < _MOST_MASKS:
            self._masks.setdefault(row.mask, row.mask)
        block.numbers.append(row.number)
        block.masks.append(self._masks.get(row.mask, row.mask))
        if len(block.first) < tabular.LOOK_ROWS:
            block.first.append((row.number, self._cells(row)))

    def _may_end(self, block: Block, row: _Row) -> bool:
        if self._count >= _MOST_TABLES or len(row.values) > _MOST_COLUMNS:
            return False
        return block.header_row is None or row.number > block.header_row + 1

    def _next_header(self, block: Block, ahead: deque[_Row]) -> tuple[int, tuple[str, ...]] | None:
        """The header of a new table that begins with the first row ahead; None where none begins."""
        row = ahead[0]
        if row.number == block.bottom + 1:
            # Without an empty row: a header, or one line of a title and a header.
            at = 1 if row.mask.bit_count() == 1 and len(ahead) > 1 and block.union.bit_count() > 1 else 0
            if not _has_words_alone(ahead[at]) or not is_header(self._cells(ahead[at])):
                return None
            return self._header(ahead)
        if self._looks >= _MOST_LOOKS:
            return None
        self._looks += 1
        found = self._header(ahead)
        if found is None or self._is_elsewhere(block, row) or found[1] == block.header:
            return found
        words = [word for word in found[1] if word]
        if sum(map(tabular.is_usual, words)) >= 2:
            return found
        # A header of unusual words behind empty rows must look different from the rows above it.
        line = next(one for one in ahead if one.number == found[0])
        return found if extent(line.mask) != extent(block.union) else None

    def _is_elsewhere(self, block: Block, row: _Row) -> bool:
        """Whether a row behind empty ones has no column in common with the block above it."""
        return row.number > block.bottom + 1 and not row.mask & block.union

    def _header(self, ahead: Iterable[_Row]) -> tuple[int, tuple[str, ...]] | None:
        """Row and words of the header of a table that begins with the first row ahead."""
        lines: list[tabular.Line] = [
            (row.number, self._cells(row)) for row, _ in zip(ahead, range(tabular.LOOK_ROWS), strict=False)
        ]
        return _header_among(lines)

    def _cells(self, row: _Row) -> list[str | None]:
        return [*repeat(None, self._left), *map(self._text, row.values)]


def _has_words_alone(row: _Row) -> bool:
    """Whether a row could be a header by its words: no number in it, which is quickly seen."""
    filled = [one for one in row.values if one != ""]
    if len(filled) < LEAST_WORDS or not all(isinstance(one, str) for one in filled):
        return False
    return _NUMBER.search("\t".join(filled)) is None


# Columns


def _sides(block: Block, again: _Again) -> list[tuple[int, int]]:
    """Columns of the tables that stand side by side in a block; one pair where it is one table."""
    left, right = extent(block.union)
    parts = _filled_columns(block.union, left, right)
    if block.header_row is None or right - left > _MOST_COLUMNS or not 1 < len(parts) <= _MOST_SIDES:
        return [(left, right)]
    sides = [parts[0]]
    for part in parts[1:]:
        if not again.is_spent and _stand_alone(block, sides[-1], part, again):
            sides.append(part)
        else:
            sides[-1] = (sides[-1][0], part[1])
    return sides


def _stand_alone(block: Block, one: tuple[int, int], other: tuple[int, int], again: _Again) -> bool:
    """Whether two groups of columns with an empty column between them are tables of their own."""
    if min(one[1] - one[0], other[1] - other[0]) < 2:
        return False
    heads = [_head(block, *side) for side in (one, other)]
    if heads[0] is None or heads[1] is None:
        return False
    if heads[0][0] != heads[1][0]:
        return True
    words = [{word for word in head[1] if tabular.is_usual(word)} for head in heads if head]
    if words[0] & words[1]:
        return True
    below = [mask for number, mask in zip(block.numbers, block.masks, strict=True) if number > heads[0][0]]
    wide = [((1 << 8 * (right - left)) - 1) << 8 * left for left, right in (one, other)]
    filled = [[bool(mask & own) for mask in below] for own in wide]
    if _ends_early(filled[0], filled[1]) or _ends_early(filled[1], filled[0]):
        return True
    # A side that has gaps the other has not may be several tables below one another.
    for side, own in zip((one, other), filled, strict=True):
        if not all(own) and sum(found.header_row is not None for found in again.stacked(block, side)) > 1:
            return True
    return False


def _ends_early(short: list[bool], long: list[bool]) -> bool:
    """Whether one side is filled in the first rows without a gap and the other goes on when it has ended."""
    count = sum(short)
    return count >= 2 and all(short[:count]) and sum(long[count:]) >= _LEAST_LONGER and all(long)


def _head(block: Block, left: int, right: int) -> tuple[int, tuple[str, ...]] | None:
    """Row and words of the header of some columns of a block."""
    lines = [
        (number, cells[left:right]) for number, cells in block.first if tabular.is_filled(cells[left:right])
    ]
    return _header_among(lines)


def _header_among(lines: list[tabular.Line]) -> tuple[int, tuple[str, ...]] | None:
    """Row and words of the header among the first lines of a table, up to where another table begins."""
    lines = before_next_header(lines)
    place = tabular.header_position(lines)
    if place is None:
        return None
    number, cells = lines[place]
    return number, tabular.header_words(cells, len(cells))


def _filled_columns(union: int, left: int, right: int) -> list[tuple[int, int]]:
    """Groups of columns without an empty one between."""
    stored = union.to_bytes(right, "little")
    parts: list[tuple[int, int]] = []
    at = left
    while at < right:
        end = stored.find(b"\0", at)
        end = right if end < 0 else end
        parts.append((at, end))
        at = end
        while at < right and not stored[at]:
            at += 1
    return parts
