"""Tables written in fixed columns: lists for printers, exports of hosts with fields of so many bytes, results of database clients.

Shows: each line as a row, cut where all lines are cut, with the words of the header line where there is one; lines that do not keep to
the columns as text. Where they keep to none after all, the whole file as text.
Does not show: the layout of the record its program had: fields of one kind of sign that touch (two numbers) stay one cell.
Not read: EBCDIC; tables of fewer than three columns or five lines, and tables in the midst of other text (they are running text).

References:
    - Unicode Standard Annex #11, East Asian Width; JIS X 0208 and JIS X 0201 in Shift_JIS: a sign takes as many columns as bytes
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Text, Want, Yields, parser
from parsers.formats import fixed_columns, running_text, tabular, text_shape
from parsers.formats.fixed_columns import Layout
from parsers.formats.lines import MOST_SIGNS
from parsers.formats.segments import Segments
from parsers.formats.tabular import Line
from parsers.formats.text_lines import TextLines

_ENDINGS = ("txt", "text", "prn", "dat", "asc", "lst", "rpt", "fix", "sdf")
_LOOK_LINES = 1000
_BLANKS = " \t\u3000\x0c"


@parser(
    version=1,
    wants=tuple(
        Want(f"**/*.{one}", sniff=text_shape.is_columns, is_strict=False, is_fallback=True)
        for one in _ENDINGS
    ),
)
def fixed_width(artefact: Artefact) -> Yields:
    """One sheet, row_number is the line; before it the lines above the header, behind it those that do not keep to the columns."""
    text = TextLines(artefact)
    first = [line for _, line in zip(range(_LOOK_LINES), (line for _, line in text), strict=False)]
    layout = fixed_columns.find(first)
    tally = None if layout is None else _tally(TextLines(artefact), layout)
    if layout is None or tally is None or tally.fitting < fixed_columns.LEAST_SHARE * tally.filled:
        yield from running_text.segments(artefact)
        return
    for number, line in enumerate(first[: _first_line(layout) - 1], 1):
        if line.strip(_BLANKS) and not fixed_columns.is_ruler(line):
            yield Text(
                locator=f"line:{number}", segment="banner", content=line.strip(_BLANKS), codec=text.codec
            )
    width = len(layout.cuts)
    yield Sheet(
        name=artefact.path.rsplit("/", 1)[-1],
        locator=f"line:{_first_line(layout)}",
        width=width,
        header=None if layout.header is None else tabular.header_words(layout.header, width),
        header_row=None if layout.header_index is None else layout.header_index + 1,
        codec=text.codec,
        batches=tabular.at_least_one(_batches(text, layout), width),
    )
    if tally.fitting < tally.filled:
        yield from _beside(artefact, layout, text.codec)
    yield from text.problems()


@dataclass(slots=True)
class _Tally:
    filled: int = 0
    fitting: int = 0


def _first_line(layout: Layout) -> int:
    return (layout.first_index if layout.header_index is None else layout.header_index) + 1


def _rows(text: TextLines, layout: Layout) -> Iterator[tuple[int, str, list[str] | None]]:
    """The filled lines below the header that are no rulers and no header printed again, with their cells where they keep to the columns."""
    header = None if layout.header is None else list(layout.header)
    for number, line in text:
        if number <= layout.first_index or not line.strip(_BLANKS) or fixed_columns.is_ruler(line):
            continue
        cells = layout.cells(line) if len(line) < MOST_SIGNS else None
        if cells is None or cells != header:
            yield number, line, cells


def _tally(text: TextLines, layout: Layout) -> _Tally:
    tally = _Tally()
    for _, _, cells in _rows(text, layout):
        tally.filled += 1
        tally.fitting += cells is not None
    return tally


def _batches(text: TextLines, layout: Layout) -> Iterator[pa.RecordBatch]:
    rows: Iterator[Line] = ((number, cells) for number, _, cells in _rows(text, layout) if cells is not None)
    yield from tabular.batches(rows, len(layout.cuts))


def _beside(artefact: Artefact, layout: Layout, codec: str) -> Yields:
    """Lines among the rows that are none: heads of pages, totals, remarks."""
    segments = Segments("lines", codec)
    count, first = 0, 0
    for number, line, cells in _rows(TextLines(artefact, codec), layout):
        if cells is None:
            count, first = count + 1, first or number
            yield from segments.add(f"line:{number}", line.strip(_BLANKS))
    yield from segments.end()
    message = (
        f"{count} lines do not keep to the columns, the first in line {first}; they are text and no rows"
    )
    yield Problem(kind=ProblemKind.AMBIGUOUS, locator=f"line:{first}", message=message)
