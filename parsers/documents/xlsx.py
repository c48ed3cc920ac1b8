"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS.

Shows: every row of every sheet, hidden ones included, with values as text; formulas by their cached values.
Does not show: hidden rows as such, colours, comments, former versions; a value that a program would calculate anew.
Not read: comments and pictures; BIFF5 workbooks in code page 932 decode wrongly in the library and are told as a problem.

References:
    - ISO/IEC 29500-1, SpreadsheetML
    - [MS-XLS], [MS-XLSB], OASIS OpenDocument 1.3
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Want, Yields, parser
from parsers.formats import tabular

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4
# Names of the stream that holds the workbook: BIFF8 and BIFF5 ([MS-XLS] 2.1.2).
_BIFF8, _BIFF5 = "Workbook".encode("utf-16-le"), "Book\0".encode("utf-16-le")
_FIRST_ROWS = 50
_FREE_BYTES = 64 << 20
_MOST_BYTES = 2 << 30
_RATIO = 100
_ENDINGS = ("xlsx", "xlsm", "xltx", "xlsb", "xls", "ods")


def _is_workbook(head: bytes) -> bool:
    return head.startswith((_ZIP, _OLE))


@parser(version=1, wants=tuple(Want(f"**/*.{ending}", sniff=_is_workbook) for ending in _ENDINGS))
def xlsx(artefact: Artefact) -> Yields:
    """One sheet for each sheet of the workbook, in its order; row_number is the row as the program shows it."""
    head = artefact.head(8)
    if head.startswith(_ZIP):
        refusal = _refusal(artefact)
        if refusal is not None:
            yield refusal
            return
    elif _holds(artefact, _BIFF5) and not _holds(artefact, _BIFF8):
        message = "a BIFF5 workbook (Excel 95 or before), whose text in code page 932 is not read rightly here; persons in it are not counted"
        yield Problem(kind=ProblemKind.UNSUPPORTED, locator="0", message=message)
        return
    elif _holds(artefact, _ENCRYPTED):
        message = "the workbook is protected with a password (agile or standard encryption); nothing in it is counted"
        yield Problem(kind=ProblemKind.LOCKED, locator="0", message=message)
        return
    try:
        with artefact.open() as stream:
            workbook = calamine.CalamineWorkbook.from_filelike(stream)
            listed = list(workbook.sheets_metadata)
    except (calamine.CalamineError, OSError, ValueError) as error:
        yield _damaged("0", error)
        return
    for position, metadata in enumerate(listed, 1):
        yield from _sheet(workbook, metadata, position)


def _sheet(workbook: Any, metadata: Any, position: int) -> Yields:
    locator = f"sheet:{position}"
    try:
        sheet = workbook.get_sheet_by_index(position - 1)
        # The library leaves out empty rows above the first filled one; `start` says where it begins.
        offset = sheet.start[0] if sheet.start else 0
        first: list[tabular.Line] = []
        width = 0
        for line in _rows(sheet, offset):
            width = max(width, len(line[1]))
            if len(first) < _FIRST_ROWS and any(line[1]):
                first.append(line)
    except (calamine.CalamineError, OSError, ValueError, IndexError) as error:
        yield _damaged(locator, error)
        return
    if not first:
        return
    place = tabular.header_position(first)
    header_row = None if place is None else first[place][0]
    words = [] if place is None else [(cell or "").strip() for cell in first[place][1]]
    yield Sheet(
        name=metadata.name,
        locator=locator,
        width=width,
        header=None if place is None else (*words, *[""] * (width - len(words))),
        header_row=header_row,
        codec=None,
        is_hidden=metadata.visible != calamine.SheetVisibleEnum.Visible,
        batches=tabular.batches(
            (
                line
                for line in _rows(sheet, offset)
                if any(line[1]) and (header_row is None or line[0] > header_row)
            ),
            width,
        ),
    )


def _rows(sheet: Any, offset: int) -> Iterator[tabular.Line]:
    for number, cells in enumerate(sheet.iter_rows(), 1 + offset):
        yield number, [_text(cell) for cell in cells]


def _text(cell: object) -> str | None:
    """A value as text: whole numbers without a point, dates as ISO 8601, nothing for an empty cell."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell)


def _refusal(artefact: Artefact) -> Problem | None:
    """Why a zip is not opened: it is none, or would unpack to more than the budget."""
    try:
        with artefact.open() as stream, zipfile.ZipFile(stream) as archive:
            total = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        return _damaged("0", error)
    if total > _MOST_BYTES or total > _FREE_BYTES + _RATIO * artefact.size:
        message = f"unpacks to {total} bytes from {artefact.size}, more than the budget; not read"
        return Problem(kind=ProblemKind.LIMIT, locator="0", message=message)
    return None


def _holds(artefact: Artefact, name: bytes) -> bool:
    """Whether the directory of an OLE file names a stream; directory entries do not cross blocks of this size."""
    with artefact.open() as stream:
        while block := stream.read(1 << 20):
            if name in block:
                return True
    return False


def _damaged(locator: str, error: BaseException) -> Problem:
    return Problem(kind=ProblemKind.DAMAGED, locator=locator, message=f"the workbook cannot be read: {error}")
