r"""Records of delimited text (CSV, TSV): cells and the line each record begins at, as fast as its regularity allows.

A run of lines that are all records of one width is read by Arrow; any other run by the standard library, record by
record. Both give the same cells. Line ends come as `\n`, also within cells.

References:
    - RFC 4180, Common Format and MIME Type for CSV Files, section 2
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from parsers.formats import tabular
from parsers.formats.tabular import Line

DELIMITERS = (",", "\t", ";", "|")
CELL_SIGNS = 1 << 20
MOST_COLUMNS = 4096
# A line without an end is cut here.
_LINE_SIGNS = 16 * CELL_SIGNS
# So many quotes that are never closed are looked after; beyond that each such line is read by itself at once.
_MOST_LOOKS = 64
_MOST_NOTED = 20


@dataclass(slots=True)
class Reading:
    """What is met on the way: line numbers, the first twenty of each kind."""

    open_quotes: list[int] = field(default_factory=list)
    stray_quotes: list[int] = field(default_factory=list)
    overlong: list[int] = field(default_factory=list)
    too_wide: list[int] = field(default_factory=list)
    width: int = 0
    looks: int = 0


Block: TypeAlias = pa.Table | list[Line]


def blocks(
    texts: Iterator[str], delimiter: str, reading: Reading, *, is_fast: bool = True
) -> Iterator[Block]:
    """Runs of records in file order: an Arrow table with `row_number`, `c000`, ..., or a list of lines.

    `reading` tells what was met, and the greatest width so far.
    """
    # The limit of the standard library is one for the process and lower than ours.
    csv.field_size_limit(2 * _LINE_SIGNS)
    held, number = "", 1
    for text in texts:
        held += text
        cut = held.rfind("\n") + 1
        if not cut and len(held) > _LINE_SIGNS:
            _note(reading.overlong, number)
            cut = len(held)
        if cut:
            chunk, held = held[:cut], held[cut:]
            block, rest = _block(chunk, number, delimiter, reading, is_fast=is_fast, is_last=False)
            number += chunk.count("\n") - rest.count("\n")
            held = rest + held
            yield block
    while held:
        block, held = _block(held, number, delimiter, reading, is_fast=is_fast, is_last=True)
        yield block


def delimiter_of(text: str, usual: str = ",") -> str:
    """The delimiter that cuts the first lines into the same number of cells, at most eight counting for more than fewer."""
    if named := re.match(r"sep=([,;|\t])\n", text):
        return named[1]
    # The last line may be cut.
    lines = text.split("\n", 500)[:500]
    head = "\n".join(lines[:-1] if len(lines) > 3 else lines) + "\n"

    def merit(delimiter: str) -> float:
        records, _ = _careful(head, 1, delimiter, Reading(), is_last=False)
        widths = [len(cells) for _, cells in records if tabular.is_filled(cells)]
        most_usual = max(sorted(set(widths)), key=widths.count, default=1)
        if most_usual < 2:
            # A table may stand below many banner lines.
            most_usual = max(widths, default=1)
        if most_usual < 2:
            return 0.0
        return (widths.count(most_usual) / len(widths)) ** 2 * min(most_usual, 8)

    csv.field_size_limit(2 * _LINE_SIGNS)
    best = max((usual, *DELIMITERS), key=merit)
    return best if merit(best) > 0 else usual


def as_batches(block: Block, width: int, after: int) -> Iterator[pa.RecordBatch]:
    """The rows of a block below line `after`, as wide as the sheet, without rows whose cells are all empty."""
    if isinstance(block, list):
        yield from tabular.batches((line for line in block if line[0] > after), width)
        return
    numbers = block.column(0)
    if numbers.length() and numbers[0].as_py() <= after:
        block = block.filter(pc.greater(numbers, after))
    block = _without_blank_rows(block)
    for index in range(block.num_columns - 1, width):
        block = block.append_column(f"c{index:03d}", pa.nulls(block.num_rows, pa.string()))
    yield from block.combine_chunks().to_batches(max_chunksize=tabular.BATCH_ROWS)


def _without_blank_rows(block: pa.Table) -> pa.Table:
    blank = None
    for column in block.columns[1:]:
        own = pc.equal(pc.utf8_trim_whitespace(column), "")
        blank = own if blank is None else pc.and_(blank, own)
        if not pc.any(blank).as_py():
            return block
    return block if blank is None else block.filter(pc.invert(blank))


def _block(
    chunk: str, number: int, delimiter: str, reading: Reading, *, is_fast: bool, is_last: bool
) -> tuple[Block, str]:
    """The records of a run of lines, and the text of a record that does not end in it."""
    if is_fast:
        table = _regular(chunk, number, delimiter)
        if table is not None:
            reading.width = max(reading.width, table.num_columns - 1)
            return table, ""
    return _careful(chunk, number, delimiter, reading, is_last=is_last)


def _regular(chunk: str, number: int, delimiter: str) -> pa.Table | None:
    """The run as a table if every line of it is one record and all are of one width; else None."""
    step = CELL_SIGNS // 2
    if chunk.startswith("\ufeff") or any(
        chunk.find("\n", at, at + step) < 0 for at in range(0, len(chunk) - step, step)
    ):
        return None
    first = chunk[: chunk.find("\n") + 1] or chunk
    width = len(next(csv.reader([first], delimiter=delimiter), []))
    if not 0 < width <= MOST_COLUMNS:
        return None
    names = [f"c{index:03d}" for index in range(width)]
    irregular: list[int] = []

    def refuse(row: object) -> str:
        irregular.append(1)
        return "error"

    # A line end behind the last line shows whether its quote is open.
    content = (chunk if chunk.endswith("\n") else chunk + "\n").encode("utf-8")
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            arrow_csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names),
            arrow_csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=refuse),
            arrow_csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    count = chunk.count("\n") + (not chunk.endswith("\n"))
    # Fewer rows than lines: a cell holds line ends. A line end in the last cell: its quote is open.
    if irregular or table.num_rows != count or "\n" in table.column(width - 1)[-1].as_py():
        return None
    numbers = pa.array(range(number, number + count), pa.int64())
    return table.add_column(0, "row_number", numbers)


def _careful(
    chunk: str, number: int, delimiter: str, reading: Reading, *, is_last: bool
) -> tuple[list[Line], str]:
    """Records one by one; the second value is the text from the first record that goes on beyond the run."""
    lines = chunk.split("\n")
    if not lines[-1]:
        lines.pop()
    out: list[Line] = []
    at = 0
    while at < len(lines):
        line, used = lines[at], 1
        if '"' not in line:
            cells = line.split(delimiter)
        else:
            cells = next(csv.reader([line + "\n"], delimiter=delimiter))
            if cells[-1].endswith("\n"):
                found, is_complete = _joined(lines, at, delimiter)
                if found is None and is_complete and not is_last and reading.looks < _MOST_LOOKS:
                    return out, "\n".join(lines[at:]) + ("\n" if chunk.endswith("\n") else "")
                cells, used = _closed(found, line, number + at, delimiter, reading, lines, at)
        out.append((number + at, _bounded(cells, number + at, delimiter, reading)))
        at += used
    return out, ""


def _joined(lines: Sequence[str], at: int, delimiter: str) -> tuple[tuple[list[str], int] | None, bool]:
    """The record that begins at a line and goes on, and its lines; whether all the lines there are were looked at."""
    is_exhausted = False
    is_complete = True

    def following() -> Iterator[str]:
        nonlocal is_exhausted, is_complete
        signs = 0
        for index in range(at, len(lines)):
            signs += len(lines[index])
            if signs > CELL_SIGNS:
                is_complete = False
                break
            yield lines[index] + "\n"
        is_exhausted = True

    reader = csv.reader(following(), delimiter=delimiter)
    cells = next(reader, [])
    return (None if is_exhausted else (cells, reader.line_num)), is_complete


def _closed(
    found: tuple[list[str], int] | None,
    line: str,
    number: int,
    delimiter: str,
    reading: Reading,
    lines: Sequence[str],
    at: int,
) -> tuple[list[str], int]:
    """The record of many lines if its quotes are regular; else its first line by itself, and what is wrong is noted."""
    if found is not None and _record(delimiter).fullmatch("\n".join(lines[at : at + found[1]])):
        return found
    reading.looks += found is None
    _note(reading.open_quotes if found is None else reading.stray_quotes, number)
    return [cell.strip('"') for cell in line.split(delimiter)], 1


@cache
def _record(delimiter: str) -> re.Pattern[str]:
    """A record as RFC 4180 has it: a quote that opens a cell is closed at the cell's end."""
    sign = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]++|"")*+"|(?!")[^{sign}\n]*+)'
    return re.compile(rf"(?:{cell}{sign})*+{cell}")


def _bounded(cells: list[str], number: int, delimiter: str, reading: Reading) -> list[str]:
    if len(cells) > MOST_COLUMNS:
        _note(reading.too_wide, number)
        cells = [*cells[: MOST_COLUMNS - 1], delimiter.join(cells[MOST_COLUMNS - 1 :])]
    reading.width = max(reading.width, len(cells))
    if any(len(cell) > CELL_SIGNS for cell in cells):
        _note(reading.overlong, number)
        cells = [cell[:CELL_SIGNS] for cell in cells]
    return cells


def _note(numbers: list[int], number: int) -> None:
    if len(numbers) < _MOST_NOTED and number not in numbers:
        numbers.append(number)
