"""Cells of a sheet of a workbook as python-calamine gives them: rows from column A on, merged cells filled, values as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from types import TracebackType
from typing import Any

import python_calamine as calamine

# What the library raises on damaged workbooks, panics of its Rust code included (see Panics).
REFUSALS = (calamine.CalamineError, OSError, ValueError, IndexError, OverflowError)
# By the column (from 0) of its first row: the last row of a merged cell and its value.
_Open = dict[int, tuple[int, Any]]


class Panics:
    """Turns a panic of the library's Rust code, which is no Exception, into a ValueError."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Told by name, since pyo3 makes the class anew in every extension module."""
        if kind is not None and kind.__name__ == "PanicException":
            raise ValueError(f"the reader gave up: {error}") from error


class Cells:
    """The rows of one sheet, as often as they are asked for."""

    def __init__(self, sheet: Any) -> None:
        """Look at what is merged."""
        self._sheet = sheet
        # Merged cells of more than one row: by row (from 0) where they begin, the column and the last row.
        self._spans: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
            if bottom > top:
                self._spans.setdefault(top, []).append((left, bottom))

    def rows(self) -> Iterator[list[Any]]:
        """Every row from the first one; cells from column A on, an empty text for an empty one."""
        # The library gives the empty rows before the first filled cell, but not the empty columns.
        _, left = self._sheet.start or (0, 0)
        front = [""] * left
        open_spans: _Open = {}
        for row, values in enumerate(self._sheet.iter_rows()):
            cells = [*front, *values] if front else values
            if open_spans:
                self._fill(cells, row, open_spans)
            for column, bottom in self._spans.get(row, ()):
                if column < len(cells) and cells[column] != "":
                    open_spans[column] = bottom, cells[column]
            yield cells

    def _fill(self, cells: list[Any], row: int, open_spans: _Open) -> None:
        """Put the values of cells merged over rows above into a row that has any value of its own."""
        is_filled = any(one != "" and not (isinstance(one, str) and one.isspace()) for one in cells)
        for column, (bottom, value) in list(open_spans.items()):
            if row > bottom:
                del open_spans[column]
            elif is_filled and column < len(cells) and cells[column] == "":
                cells[column] = value


class Feed:
    """Rows of a sheet between two others, read on from where the last ones ended where that can be done."""

    def __init__(self, cells: Cells) -> None:
        """Stand before the first row."""
        self._cells = cells
        self._rows = enumerate(cells.rows())
        self._next = 0

    def between(self, top: int, bottom: int) -> Iterator[tuple[int, list[Any]]]:
        """Rows from `top` to `bottom`, both from 0 and included."""
        if top < self._next:
            self._rows = enumerate(self._cells.rows())
        self._next = top
        while self._next <= bottom:
            number, cells = next(self._rows, (bottom + 1, []))
            self._next = number + 1
            if top <= number <= bottom:
                yield number, cells


def cell_text(cell: object) -> str | None:
    """A value as text: whole numbers without a point, dates as ISO 8601, nothing for an empty cell."""
    if isinstance(cell, str):
        return cell.replace("\0", "\\x00") or None
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{'-' if seconds < 0 else ''}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02d}:{abs(seconds) % 60:02d}"
    return str(cell)
