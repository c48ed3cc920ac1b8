"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS.

Shows: every row of every sheet, hidden ones included, with values as text; formulas by their cached values; lines above a
header as text. A cell merged over several rows below the header stands in each of them. Several tables of one sheet, below one
another or side by side, are sheets of their own with their range in the locator. Beside the cells, in segments by what it is:
comment, text_box, alternative (text for pictures), header, footer, validation (lists of allowed values), defined_name,
hyperlink, chart, diagram, setting (connections, accounts, who holds the file), revision and former (what tracked changes
replaced), custom_xml. Rows kept of data that need no longer be there, as sheets: caches of pivot tables and of other workbooks;
values of a pivot table that no row has any more as pivot_item. Who commented, and what is hidden, is a row. Embedded files
and pictures become entries of their own.
Does not show: which rows are hidden (their number is told), colours, former versions; a value that a program would calculate
anew; that a comment was made by the person named.
Not read: rows whose cells are all empty; what stands beside the cells of Excel 95; of XLS charts, of XLSB names, lists and
links, of both the rows of caches of pivot tables (their texts are told as pivot_item).

References:
    - ISO/IEC 29500-1 part 18 (SpreadsheetML); [MS-XLSX] 2.6.205 (threaded comments)
    - [MS-XLS], [MS-XLSB], [MS-CFB], [MS-OFFCRYPTO]; OASIS OpenDocument 1.3
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Sheet,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
)
from parsers.formats import biff, ods_parts, package, sheet_tables, tabular, workbook, workbook_parts
from parsers.formats.compound import Compound, locked
from parsers.formats.compound_objects import embedded
from parsers.formats.office_crypt import unless_opened
from parsers.formats.office_text import REMARKS, few_problems
from parsers.formats.open_crypt import encryption
from parsers.formats.package import ZIP, Package
from parsers.formats.sheet_blocks import Block
from parsers.formats.sheet_xml import Hidden, TooWide
from parsers.formats.workbook_cells import REFUSALS, Cells, Feed, Panics, cell_text
from parsers.formats.xml_stream import BadPart

_ENDINGS = ("xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "ods", "ots")

_OPEN_DOCUMENT = "content.xml"
_STATES = {"Hidden": "hidden", "VeryHidden": "very_hidden"}

SHEETS = Table(
    "workbook_sheet",
    Column("sheet_name", text, "Name of the sheet, escaped.", is_personal=True),
    Column(
        "sheet_state",
        text,
        "visible, hidden or very_hidden (which the menus of the program do not show again).",
    ),
    Column("hidden_row_count", integer, "Rows that are hidden, by hand or by a filter."),
    Column("hidden_column_count", integer, "Columns that are hidden."),
)


@parser(
    version=2,
    wants=(
        *(Want(f"**/*.{ending}", sniff=package.is_container) for ending in _ENDINGS),
        Want(sniff=workbook.is_spreadsheet),
    ),
    tables=(SHEETS, REMARKS),
)
@unless_opened
@few_problems
def xlsx(artefact: Artefact) -> Yields:
    """One sheet for each table, in the order of the workbook's sheets; row_number is the row as the program shows it."""
    look = workbook.look(artefact)
    if look.refusal is not None:
        yield look.refusal
        return
    if artefact.head(len(ZIP)) != ZIP:
        yield from _older(artefact, look)
        return
    try:
        opened = Package(artefact)
    except BadPart as error:
        yield Problem(kind=error.kind, locator="package", message=str(error))
        return
    with opened as parts:
        method = encryption(parts)
        if method is not None:
            yield locked("workbook", method)
            return
        try:
            hidden = workbook_parts.hidden(parts, look.sheets)
        except TooWide as error:
            yield Problem(kind=ProblemKind.LIMIT, locator="workbook", message=str(error))
            return
        plain = None
        if _OPEN_DOCUMENT in parts.parts:
            yield from ods_parts.texts(parts, hidden)
            plain = ods_parts.without_shapes(parts)
        yield from _cells(artefact, look, hidden, plain)
        yield from parts.problems
        if _OPEN_DOCUMENT in parts.parts:
            yield from parts.members(("mimetype", "layout-cache"))
        else:
            yield from workbook_parts.texts(parts, look.sheets)
            yield from workbook_parts.members(parts)


def _older(artefact: Artefact, look: workbook.Look) -> Yields:
    """A workbook in a compound file: what stands beside the cells, the cells, and files within."""
    records = biff.Records(look.stream if not look.is_biff5 else b"")
    yield from records.told()
    yield from _cells(artefact, look, records.hidden)
    if not look.stream:
        return
    try:
        with Compound(artefact) as file:
            for path in file.streams:
                if path.lower().startswith("_sx_db_cur/"):
                    yield from biff.pivot_items(file.read(path), f"stream:{path}")
            yield from embedded(file)
    except BadPart as error:
        yield Problem(kind=error.kind, locator="document", message=str(error))


def _cells(
    artefact: Artefact, look: workbook.Look, hidden: Mapping[str, Hidden], plain: bytes | None = None
) -> Yields:
    """The tables of every sheet; of `plain` where the package is read from there."""
    try:
        with Panics(), artefact.open() if plain is None else io.BytesIO(plain) as stream:
            book = calamine.CalamineWorkbook.from_filelike(stream)
            listed = list(book.sheets_metadata)
    except calamine.PasswordError:
        yield locked("workbook", "not named")
        return
    except REFUSALS as error:
        yield _damaged("workbook", error)
        return
    if not listed:
        yield Problem(kind=ProblemKind.DAMAGED, locator="workbook", message="the workbook lists no sheet")
    beyond: list[str] = []
    for position, metadata in enumerate(listed):
        yield from _hidden(metadata, position, hidden.get(metadata.name))
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


def _hidden(metadata: Any, position: int, found: Hidden | None) -> Yields:
    """A row for a sheet that is hidden, or has hidden rows or columns."""
    state = _STATES.get(str(metadata.visible).rpartition(".")[2], "visible")
    if state == "visible" and (found is None or not found.rows + found.columns):
        return
    yield SHEETS.row(
        f"sheet:{position + 1}",
        sheet_name=metadata.name,
        sheet_state=state,
        hidden_row_count=None if found is None else found.rows,
        hidden_column_count=None if found is None else found.columns,
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
        is_alone = len(blocks) == 1
        if not (is_alone and block.is_note):
            for number, line in block.first:
                yield tabular.banner((number + 1, line), None, f"{locator}/row")
        if is_alone or not block.is_note:
            yield _table(metadata, locator, block, feed, is_alone=is_alone)


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
