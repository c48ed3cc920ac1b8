"""A worksheet part as its bytes go by: how far its cells lie apart, hidden rows, and what stands around the cells.

Cells are read by a library; here they are only looked at as bytes, since a sheet may have millions.

References:
    - ISO/IEC 29500-1 18.3.1.4 (cells), 18.3.1.73 (rows), 18.3.1.80 (sheetData), 18.3.1.99 (worksheets)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# The library keeps a cell for each place between the first and the last filled one: 32 bytes each.
MOST_CELLS = 50_000_000
_CELL = re.compile(rb'<(?:\w+:)?c [^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row [^<>]*?\bhidden="(?:1|true)"')
_BEGIN = re.compile(rb"<(?:\w+:)?sheetData\b[^<>]*>")
_END = re.compile(rb"</(?:\w+:)?sheetData\s*>")
# A cell holds 32,767 signs at most in the programs that write them.
_LONG = 4 * 32_767
_MOST_LONG = 100_000
_STRING_END = re.compile(rb"</(?:\w{1,20}:)?si\s*>")
_NAME_BYTES = 64
_SHARED = re.compile(rb'\bt="s"[^<>]*>\s*<(?:\w+:)?v>(\d{1,9})<')
# Marks of layout in headers and footers (18.3.1.46): place, font, size, colour, picture, and fields that are set in.
_MARKS = re.compile(r'&(?:"[^"]*"|\d{1,3}|K[0-9A-F]{6}|K\d\d[+-]\d{3}|[LCRPNDTZFAGBIUESXYHO])')
_SIDES = re.compile("&[LCR]")
_TAIL = 256
_MOST_AROUND = 16 << 20


@dataclass(frozen=True, slots=True)
class Hidden:
    """How much of a sheet is hidden, as far as it is known."""

    rows: int
    columns: int


class TooWide(Exception):
    """The cells of a sheet span more places than the budget allows."""


class Extent:
    """The places that the cells of a sheet span."""

    def __init__(self, name: str) -> None:
        """No cell yet."""
        self._name = name
        self._rows = (1 << 32, 0)
        self._columns = (1 << 32, 0)

    def take(self, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        """More cells, by the first and the last row and column.

        Raises:
            TooWide: the places from the first to the last cell are too many.
        """
        first, last = self._rows
        left, right = self._columns
        if first <= rows[0] and rows[1] <= last and left <= columns[0] and columns[1] <= right:
            return
        self._rows = first, last = min(first, rows[0]), max(last, rows[1])
        self._columns = left, right = min(left, columns[0]), max(right, columns[1])
        places = (last - first + 1) * (right - left + 1)
        if places > MOST_CELLS:
            message = (
                f"the cells of {self._name} span {places} places, beyond the budget of {MOST_CELLS}; not read"
            )
            raise TooWide(message)


class SheetBytes:
    """What a worksheet part tells without its cells being read."""

    def __init__(self, name: str) -> None:
        """Nothing is known yet."""
        self.hidden_rows = 0
        # The part without its cells: well-formed XML where the part is.
        self.around = bytearray()
        self.is_cut = False
        self._extent = Extent(name)
        self._tail = b""
        self._open: re.Pattern[bytes] | None = _BEGIN
        self._held = b""

    def take(self, content: bytes) -> None:
        """Look through the next bytes.

        Raises:
            TooWide: the places from the first to the last cell are too many.
        """
        self._keep(content)
        seen = self._tail + content
        # A row within the tail alone has been counted.
        self.hidden_rows += sum(found.end() > len(self._tail) for found in _HIDDEN_ROW.finditer(seen))
        cells = _CELL.findall(seen)
        self._tail = seen[-_TAIL:]
        if not cells:
            return
        rows = [int(row) for _, row in cells]
        columns = [_column(letters) for letters in {letters for letters, _ in cells}]
        self._extent.take((min(rows), max(rows)), (min(columns), max(columns)))

    def _keep(self, content: bytes) -> None:
        """Keep what stands before the cells and behind them."""
        held = self._held + content
        while self._open is not None:
            is_before = self._open is _BEGIN
            found = self._open.search(held)
            if found is None:
                split = max(len(held) - _TAIL, 0)
                if is_before:
                    self._add(held[:split])
                self._held = held[split:]
                return
            if is_before:
                self._add(held[: found.end()])
                held = held[found.end() :]
                self._open = None if found[0].endswith(b"/>") else _END
            else:
                held = held[found.start() :]
                self._open = None
        self._held = b""
        self._add(held)

    def _add(self, content: bytes) -> None:
        self.is_cut = self.is_cut or len(self.around) + len(content) > _MOST_AROUND
        if not self.is_cut:
            self.around += content

    def close(self) -> None:
        """The part is at its end."""
        if self._open is _BEGIN:
            self._add(self._held)
        self._held = b""


class SharedBytes:
    """The part of shared strings: which of them are longer than a program writes, by number."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.long: dict[int, int] = {}
        self._count = self._size = 0
        self._held = b""

    def take(self, content: bytes) -> None:
        """Look through the next bytes."""
        held = self._held + content
        at = 0
        for found in _STRING_END.finditer(held):
            self._size += found.end() - at
            if self._size > _LONG and len(self.long) < _MOST_LONG:
                self.long[self._count] = self._size
            self._count, self._size, at = self._count + 1, 0, found.end()
        keep = min(len(held) - at, _NAME_BYTES)
        self._size += len(held) - at - keep
        self._held = held[len(held) - keep :]


def long_signs(blocks: Iterable[bytes], long: Mapping[int, int]) -> int:
    """Bytes that the cells of a worksheet take of long shared strings, each of which the library copies for every cell."""
    tail, count = b"", 0
    for content in blocks:
        seen = tail + content
        count += sum(
            long.get(int(found[1]), 0) for found in _SHARED.finditer(seen) if found.end() > len(tail)
        )
        tail = seen[-_TAIL:]
    return count


def header_lines(stored: str) -> Iterator[str]:
    """The three parts of a header or footer without their marks of layout."""
    for side in _SIDES.split(stored):
        yield _MARKS.sub(" ", side).replace("&&", "&").strip()


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 0x40
    return number
