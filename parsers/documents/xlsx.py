"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS.

Shows: every row of every sheet, hidden ones included, with values as text; formulas by their cached values; lines above a
header as text. A cell merged over several rows below the header stands in each of them.
Does not show: hidden rows as such, colours, former versions; a value that a program would calculate anew.
Not read: comments and pictures; rows whose cells are all empty.

References:
    - ISO/IEC 29500-1, SpreadsheetML
    - [MS-XLS], [MS-XLSB], [MS-CFB], [MS-OFFCRYPTO]; OASIS OpenDocument 1.3
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Want, Yields, parser
from parsers.formats import package, tabular, workbook
from parsers.formats.office_crypt import unless_opened

_ENDINGS = ("xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "ods", "ots")
# What the library raises on damaged workbooks, panics of its Rust code included (see _Panics).
_REFUSALS = (calamine.CalamineError, OSError, ValueError, IndexError, OverflowError)


@parser(
    version=1,
    wants=(
        *(Want(f"**/*.{ending}", sniff=package.is_container) for ending in _ENDINGS),
        Want(sniff=workbook.is_spreadsheet),
    ),
)
@unless_opened
def xlsx(artefact: Artefact) -> Yields:
    """One sheet for each filled sheet of the workbook, in its order; row_number is the row as the program shows it."""
    look = workbook.look(artefact)
    if look.refusal is not None:
        yield look.refusal
        return
    try:
        with _Panics(), artefact.open() as stream:
            book = calamine.CalamineWorkbook.from_filelike(stream)
            listed = list(book.sheets_metadata)
    except calamine.PasswordError:
        yield workbook.locked()
        return
    except _REFUSALS as error:
        yield _damaged("workbook", error)
        return
    beyond: list[str] = []
    for position, metadata in enumerate(listed):
        for one in _sheet(book, metadata, position):
            if look.is_biff5 and isinstance(one, Sheet):
                yield replace(one, batches=_watched(one, beyond))
            else:
                yield one
    if beyond:
        yield Problem(
            kind=ProblemKind.UNSUPPORTED,
            locator=beyond[0],
            message="a BIFF5 workbook (Excel 95 or before): text beyond ASCII may not be read rightly; look at it by hand",
        )


class _Panics:
    """Turns a panic of the library's Rust code, which is no Exception, into a ValueError."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Told by name, since pyo3 makes the class anew in every extension module."""
        if kind is not None and kind.__name__ == "PanicException":
            raise ValueError(f"the reader gave up: {error}") from error


def _sheet(book: Any, metadata: Any, position: int) -> Yields:
    locator = f"sheet:{position + 1}"
    if metadata.typ not in (calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.MacroSheet):
        return
    first: list[tabular.Line] = []
    width = 0
    try:
        with _Panics():
            sheet = book.get_sheet_by_index(position)
            spans = _spans(sheet)
            for line in _rows(sheet, spans):
                width = max(width, len(line[1]))
                if len(first) < tabular.LOOK_ROWS and tabular.is_filled(line[1]):
                    first.append(line)
    except _REFUSALS as error:
        yield _damaged(locator, error)
        return
    if not first:
        return
    place = tabular.header_position(first)
    for line in first[: place or 0]:
        yield tabular.banner(line, None, f"{locator}/row")
    header_row = None if place is None else first[place][0]
    yield Sheet(
        name=metadata.name,
        locator=locator,
        width=width,
        header=None if place is None else tabular.header_words(first[place][1], width),
        header_row=header_row,
        codec=None,
        is_hidden=metadata.visible != calamine.SheetVisibleEnum.Visible,
        batches=tabular.at_least_one(
            tabular.batches((line for line in _rows(sheet, spans) if line[0] > (header_row or 0)), width),
            width,
        ),
    )


def _watched(sheet: Sheet, beyond: list[str]) -> Iterator[pa.RecordBatch]:
    """The batches of a sheet; its locator is noted where text is not ASCII alone."""
    for batch in sheet.batches:
        if not all(pc.all(pc.string_is_ascii(column)).as_py() is not False for column in batch.columns[1:]):
            beyond.append(sheet.locator)
        yield batch


def _spans(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """Merged cells of more than one row: by row (from 0) where they begin, the column and the last row."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top:
            spans.setdefault(top, []).append((left, bottom))
    return spans


def _rows(sheet: Any, spans: dict[int, list[tuple[int, int]]]) -> Iterator[tabular.Line]:
    """Every row with its number from 1; cells from column A on."""
    # The library gives the empty rows before the first filled cell, but not the empty columns.
    _, left = sheet.start or (0, 0)
    front: list[str | None] = [None] * left
    open_spans: dict[int, tuple[int, str | None]] = {}
    for row, values in enumerate(sheet.iter_rows()):
        cells = [*front, *map(_text, values)]
        for column, (bottom, word) in list(open_spans.items()):
            if row > bottom:
                del open_spans[column]
            elif column < len(cells) and cells[column] is None and tabular.is_filled(cells):
                cells[column] = word
        for column, bottom in spans.get(row, ()):
            if column < len(cells) and cells[column] is not None:
                open_spans[column] = bottom, cells[column]
        yield row + 1, cells


def _text(cell: object) -> str | None:
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


def _damaged(locator: str, error: Exception) -> Problem:
    return Problem(kind=ProblemKind.DAMAGED, locator=locator, message=f"the workbook cannot be read: {error}")
