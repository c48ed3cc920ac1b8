"""Delimited text: CSV, TSV, semicolon and pipe.

Shows: every record of the file as a row, cell for cell, with the encoding it was read in.
Does not show: formats or formulas; which program wrote it; what a cell meant where the header is missing.
Not read: fixed-width tables (they come as text).

References:
    - RFC 4180, Common Format and MIME Type for CSV Files
"""

from __future__ import annotations

import csv as stdlib_csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Want, Yields, parser
from parsers.formats import codecs, tabular

_DELIMITERS = (",", "\t", ";", "|")
_CELL_SIGNS = 1 << 20
_FIRST_LINES = 50


@dataclass(slots=True)
class _Reading:
    """What a reading meets on the way."""

    replaced: int = 0
    first_replaced_line: int | None = None
    overlong: list[int] = field(default_factory=list)
    open_quote_line: int | None = None


@parser(version=1, wants=(Want("**/*.csv", sniff=codecs.is_text), Want("**/*.tsv", sniff=codecs.is_text)))
def csv(artefact: Artefact) -> Yields:
    """One sheet: every record below the header, row_number being the record's place in the file."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    delimiter = _delimiter(artefact, codec)
    width = 0
    reading = _Reading()
    first: list[tabular.Line] = []
    for line in _records(artefact, codec, delimiter, reading):
        width = max(width, len(line[1]))
        if len(first) < _FIRST_LINES and any(cell.strip() for cell in line[1] if cell):
            first.append(line)
    if not first:
        return
    position = tabular.header_position(first)
    header_row = None if position is None else first[position][0]
    header = (
        None
        if position is None
        else tuple((cell or "").strip() for cell in _padded(first[position][1], width))
    )
    rows = (
        line
        for line in _records(artefact, codec, delimiter, _Reading())
        if (header_row is None or line[0] > header_row) and any(cell.strip() for cell in line[1] if cell)
    )
    yield Sheet(
        name=artefact.path.rsplit("/", 1)[-1],
        locator="record:1",
        width=width,
        header=header,
        header_row=header_row,
        codec=codec,
        batches=tabular.batches(rows, width),
    )
    yield from _problems(reading, codec)


def _problems(reading: _Reading, codec: str) -> Iterator[Problem]:
    if reading.replaced:
        yield Problem(
            kind=ProblemKind.DAMAGED,
            locator=f"line:{reading.first_replaced_line}",
            message=f"{reading.replaced} bytes are not {codec}; they stand in the cells as \\xNN",
        )
    if reading.open_quote_line is not None:
        yield Problem(
            kind=ProblemKind.TRUNCATED,
            locator=f"line:{reading.open_quote_line}",
            message="a quote opened here is never closed; from this line on every line is read as a record of its own",
        )
    for line in reading.overlong[:20]:
        message = f"a cell of more than {_CELL_SIGNS} signs; its rest is cut off"
        yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{line}", message=message)


def _delimiter(artefact: Artefact, codec: str) -> str:
    """The delimiter that cuts the first lines into most cells, equally many in most lines."""
    lines = list(itertools.islice(_lines(artefact, codec, _Reading()), _FIRST_LINES))
    text = [line for _, line in lines if line.strip()]

    def merit(delimiter: str) -> tuple[bool, float]:
        counts = [len(cells) for cells in stdlib_csv.reader(text, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count, default=0)
        # A delimiter of the first line is one of the header; after it the most even and widest cut wins.
        return bool(counts) and counts[0] > 1, counts.count(usual) / max(len(counts), 1) * (usual - 1)

    stdlib_csv.field_size_limit(1 << 30)
    best = max(_DELIMITERS, key=merit)
    is_tabs = artefact.path.lower().endswith(".tsv")
    return best if merit(best)[1] > 0 else "\t" if is_tabs else ","


def _records(artefact: Artefact, codec: str, delimiter: str, reading: _Reading) -> Iterator[tabular.Line]:
    """Records with the number of their first line, from 1; quoted line ends joined, within bounds."""
    pending: list[str] = []
    start = 0
    size = 0
    for number, line in _lines(artefact, codec, reading):
        if not pending:
            start, size = number, 0
        pending.append(line)
        size += len(line)
        if _is_open("".join(pending) if len(pending) > 1 else line, delimiter):
            if size <= _CELL_SIGNS:
                continue
            reading.open_quote_line = reading.open_quote_line or start
            yield from _loose(pending, start, delimiter)
            pending = []
            continue
        yield start, _cells("".join(pending), delimiter, reading, start)
        pending = []
    if pending:
        reading.open_quote_line = reading.open_quote_line or start
        yield from _loose(pending, start, delimiter)


def _is_open(text: str, delimiter: str) -> bool:
    """Whether a quote that began a cell is still open at the end (RFC 4180, 2.5 to 2.7)."""
    if '"' not in text:
        return False
    if text.count('"') % 2 == 0:
        return False
    # An odd number of quotes, but none begins a cell: they are plain signs (5" disk).
    return text.startswith('"') or f'{delimiter}"' in text


def _loose(lines: list[str], start: int, delimiter: str) -> Iterator[tabular.Line]:
    for offset, line in enumerate(lines):
        yield start + offset, [cell.strip('"') for cell in line.rstrip("\r\n").split(delimiter)]


def _cells(text: str, delimiter: str, reading: _Reading, line: int) -> list[str]:
    plain = text.rstrip("\r\n")
    cells = (
        plain.split(delimiter)
        if '"' not in plain
        else next(stdlib_csv.reader([text], delimiter=delimiter), [])
    )
    if len(plain) > _CELL_SIGNS and any(len(cell) > _CELL_SIGNS for cell in cells):
        reading.overlong.append(line)
        cells = [cell[:_CELL_SIGNS] for cell in cells]
    return cells


def _lines(artefact: Artefact, codec: str, reading: _Reading) -> Iterator[tuple[int, str]]:
    """Lines with their ends and numbers from 1; an endless line comes in pieces of the bound of a cell."""
    with artefact.open() as stream:
        reader = codecs.TextReader(stream, codec)
        for number, line in enumerate(reader.lines(16 * _CELL_SIGNS), 1):
            if reader.replaced and reading.first_replaced_line is None:
                reading.first_replaced_line = number
            reading.replaced = reader.replaced
            yield number, line


def _padded(cells: object, width: int) -> list[str | None]:
    listed = list(cells) if isinstance(cells, list | tuple) else []
    return [*listed, *([None] * (width - len(listed)))]
