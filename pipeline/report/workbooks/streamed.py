"""Sheets of very many rows: cells made column by column from Arrow batches, put into a workbook that holds their headers.

A workbook is a zip file of XML parts (ECMA-376 Part 1, 18.3 and 18.4). What XlsxWriter wrote stays as it is but for two parts: rows
are put behind the header of a sheet, and texts that stand in many rows are put behind the shared ones. No more than a batch is held.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.report.workbooks.cells import MOST_ROWS, xml_of

SHEET_ROWS = MOST_ROWS - 1
_SHARED = "xl/sharedStrings.xml"
_TIME = (1980, 1, 1, 0, 0, 0)
_COUNTS = re.compile(rb'<sst([^>]*?) count="(\d+)" uniqueCount="(\d+)">')
_WRITTEN_ROWS = 8_192


@dataclass(slots=True)
class _Shared:
    """Texts that stand in many cells, by their numbers."""

    first: int
    numbers: dict[str, int] = field(default_factory=dict)
    uses: int = 0

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, self.first + len(self.numbers))


def fill(book: Path, target: BinaryIO, sheets: Mapping[int, int], rows: Iterable[pa.RecordBatch]) -> None:
    """Copy a workbook with rows in sheets: `sheets` has how many rows go into which sheet, by its number from 1.

    Columns are numbers, texts written out, or dictionaries of texts that are shared. Null is an empty cell.
    """
    left = _Rows(rows)
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        counts = _COUNTS.search(source.read(_SHARED))
        if counts is None:
            raise ValueError(f"{_SHARED} does not tell how many texts it has")
        shared = _Shared(int(counts[3]))
        named = {f"xl/worksheets/sheet{number}.xml": count for number, count in sheets.items()}
        for name in sorted(source.namelist(), key=lambda one: (one == _SHARED, _place(one, named))):
            content = source.read(name)
            if name == _SHARED:
                content = _with_texts(content, shared)
            # As XlsxWriter does it; the length of a part is not known before it is written.
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with made.open(info, "w", force_zip64=True) as part:
                if name not in named:
                    part.write(content)
                    continue
                before, end, after = content.partition(b"</sheetData>")
                part.write(before)
                number = 2
                for batch in left.take(named[name]):
                    part.write(_xml(batch, number, shared))
                    number += batch.num_rows
                part.write(end + after)


def _place(name: str, sheets: Mapping[str, int]) -> int:
    """Sheets in their order, since rows come in one: `sheet10` after `sheet9`."""
    return list(sheets).index(name) + 1 if name in sheets else 0


class _Rows:
    """Rows of batches, taken so many at a time."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._rest: pa.RecordBatch | None = None

    def take(self, count: int) -> Iterator[pa.RecordBatch]:
        """The next so many rows, or as many as there are, in small batches."""
        while count > 0:
            batch = self._rest if self._rest is not None else next(self._batches, None)
            if batch is None:
                return
            part = batch.slice(0, min(count, _WRITTEN_ROWS))
            self._rest = batch.slice(part.num_rows) if part.num_rows < batch.num_rows else None
            count -= part.num_rows
            yield part


def _xml(batch: pa.RecordBatch, number: int, shared: _Shared) -> bytes:
    """The rows of a batch from a row number on."""
    rows = pa.array(range(number, number + batch.num_rows), pa.int64()).cast(pa.string())
    pieces: list[pa.Array | str] = ['<row r="', rows, '">']
    for place, column in enumerate(batch.columns):
        pieces.append(_cells(column, _letters(place), rows, shared))
    pieces.append("</row>")
    joined = pc.binary_join_element_wise(*pieces, "")
    return b"".join(one.encode("utf-8") for one in joined.to_pylist())


def _cells(column: pa.Array, letters: str, rows: pa.Array, shared: _Shared) -> pa.Array:
    """The cells of a column as XML; nothing in the place of null."""
    if pa.types.is_integer(column.type):
        found = pc.binary_join_element_wise(
            f'<c r="{letters}', rows, '"><v>', column.cast(pa.string()), "</v></c>", ""
        )
    elif pa.types.is_dictionary(column.type):
        numbers = pa.array(
            [None if one is None else str(shared.number(one)) for one in column.dictionary.to_pylist()],
            pa.string(),
        )
        found = pc.binary_join_element_wise(
            f'<c r="{letters}', rows, '" t="s"><v>', numbers.take(column.indices), "</v></c>", ""
        )
        shared.uses += len(column) - column.null_count
    else:
        texts = pa.array([None if one is None else xml_of(one) for one in column.to_pylist()], pa.string())
        found = pc.binary_join_element_wise(
            f'<c r="{letters}',
            rows,
            '" t="inlineStr"><is><t xml:space="preserve">',
            texts,
            "</t></is></c>",
            "",
        )
    return pc.fill_null(found, "")


def _letters(place: int) -> str:
    """The letters of a column by its place from 0."""
    first, second = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _with_texts(content: bytes, shared: _Shared) -> bytes:
    """The part of shared texts with those of the rows behind its own."""
    told = "".join(f'<si><t xml:space="preserve">{xml_of(one)}</t></si>' for one in shared.numbers)

    def counts(found: re.Match[bytes]) -> bytes:
        uses, unique = int(found[2]) + shared.uses, int(found[3]) + len(shared.numbers)
        return b'<sst%b count="%d" uniqueCount="%d">' % (found[1], uses, unique)

    return _COUNTS.sub(counts, content).replace(b"</sst>", told.encode("utf-8") + b"</sst>")
