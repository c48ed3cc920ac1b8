"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS.

Shows: every row of every sheet, hidden ones included, with values as text; formulas by their cached values; lines above a
header as text. A cell merged over several rows below the header stands in each of them. Several tables of one sheet, below one
another or side by side, are sheets of their own with their range in the locator.
Does not show: hidden rows as such, colours, former versions; a value that a program would calculate anew.
Not read: comments and pictures; rows whose cells are all empty.

References:
    - ISO/IEC 29500-1, SpreadsheetML
    - [MS-XLS], [MS-XLSB], [MS-CFB], [MS-OFFCRYPTO]; OASIS OpenDocument 1.3
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Want, Yields, parser
from parsers.formats import package, sheet_tables, tabular, workbook
from parsers.formats.office_crypt import unless_opened
from parsers.formats.sheet_tables import Block
from parsers.formats.workbook_cells import REFUSALS, Cells, Feed, Panics, cell_text

_ENDINGS = ("xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "ods", "ots")


@parser(
    version=2,
    wants=(
        *(Want(f"**/*.{ending}", sniff=package.is_container) for ending in _ENDINGS),
        Want(sniff=workbook.is_spreadsheet),
    ),
)
@unless_opened
def xlsx(artefact: Artefact) -> Yields:
    """One sheet for each table, in the order of the workbook's sheets; row_number is the row as the program shows it."""
    look = workbook.look(artefact)
    if look.refusal is not None:
        yield look.refusal
        return
    try:
        with Panics(), artefact.open() as stream:
            book = calamine.CalamineWorkbook.from_filelike(stream)
            listed = list(book.sheets_metadata)
    except calamine.PasswordError:
        yield workbook.locked()
        return
    except REFUSALS as error:
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


def _sheet(book: Any, metadata: Any, position: int) -> Yields:
    locator = f"sheet:{position + 1}"
    if metadata.typ not in (calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.MacroSheet):
        return
    try:
        with Panics():
            cells = Cells(book.get_sheet_by_index(position))
            blocks = sheet_tables.blocks(cells.rows, cell_text)
    except REFUSALS as error:
        yield _damaged(locator, error)
        return
    feed = Feed(cells)
    for block in blocks:
        for number, line in block.first:
            yield tabular.banner((number + 1, line), None, f"{locator}/row")
        if not block.is_note or len(blocks) == 1:
            yield _table(metadata, locator, block, feed, is_alone=len(blocks) == 1)


def _table(metadata: Any, locator: str, block: Block, feed: Feed, *, is_alone: bool) -> Sheet:
    """A table of a sheet; one that stands alone begins with column A, others with the first column of their range."""
    left = 0 if is_alone else block.left
    width = block.right - left
    top = block.top if block.header_row is None else block.header_row + 1
    lines = (
        (number + 1, [*map(cell_text, values[left : block.right])])
        for number, values in feed.between(top, block.bottom)
    )
    return Sheet(
        name=metadata.name,
        locator=locator if is_alone else f"{locator}!{block.place}",
        width=width,
        header=None if block.header_row is None else tabular.header_words(block.header[left:], width)[:width],
        header_row=None if block.header_row is None else block.header_row + 1,
        codec=None,
        is_hidden=metadata.visible != calamine.SheetVisibleEnum.Visible,
        batches=tabular.at_least_one(tabular.batches(lines, width), width),
    )


def _watched(sheet: Sheet, beyond: list[str]) -> Iterator[pa.RecordBatch]:
    """The batches of a sheet; its locator is noted where text is not ASCII alone."""
    for batch in sheet.batches:
        if not all(pc.all(pc.string_is_ascii(column)).as_py() is not False for column in batch.columns[1:]):
            beyond.append(sheet.locator)
        yield batch


def _damaged(locator: str, error: Exception) -> Problem:
    return Problem(kind=ProblemKind.DAMAGED, locator=locator, message=f"the workbook cannot be read: {error}")
