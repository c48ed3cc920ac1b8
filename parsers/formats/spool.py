r"""Rows of many tables that come interleaved, kept in one temporary file until each is given as a sheet of its own.

A table's columns are known by name in order of first sight; a row may leave out any. NUL and lone surrogates, which no
text may have, stand as `\x00` and `\udNNN`.
"""

from __future__ import annotations

import json
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Text
from parsers.formats import tabular
from parsers.formats.delimited import CELL_SIGNS
from parsers.formats.tabular import Line

MOST_TABLES = 4096
MOST_COLUMNS = 1024
_CHUNK_SIGNS = 1 << 18
_PENDING_SIGNS = 1 << 23
_MEMORY_BYTES = 1 << 24
_MOST_NOTED = 20
_FORBIDDEN = re.compile("[\0\ud800-\udfff]")


def clean(value: str) -> str:
    """A text without signs that cannot be stored."""
    if value.isascii() and "\0" not in value:
        return value
    return _FORBIDDEN.sub(lambda one: "\\x00" if one[0] == "\0" else f"\\u{ord(one[0]):04x}", value)


@dataclass(slots=True)
class Kept:
    """The rows of one table: its columns, and where its chunks stand in the file."""

    name: str
    locator: str
    columns: dict[str, int] = field(default_factory=dict)
    row_count: int = 0
    pending: list[Line] = field(default_factory=list)
    pending_signs: int = 0
    chunks: list[tuple[int, int]] = field(default_factory=list)


class Spool:
    """Takes rows of tables by name and gives a sheet for each table, in order of first sight."""

    def __init__(self, artefact: Artefact) -> None:
        """Keep rows in memory as long as they are few, else beside the copy of the artefact."""
        folder = str(artefact.local().parent) if artefact.size > _MEMORY_BYTES else None
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES, dir=folder)  # noqa: SIM115  closed by the sheets
        self.tables: dict[str, Kept] = {}
        self._signs = 0
        self._noted: dict[tuple[str, str], int] = {}

    def table(self, key: str, name: str, locator: str) -> Kept | None:
        """The table of a key, made at first sight; None where there are too many."""
        kept = self.tables.get(key)
        if kept is None:
            if len(self.tables) >= MOST_TABLES:
                self._note(f"more than {MOST_TABLES} tables; rows of further ones are not kept", locator)
                return None
            kept = self.tables[key] = Kept(name=clean(name), locator=locator)
        return kept

    def add(
        self, kept: Kept, cells: Mapping[str, str | None], locator: str, number: int | None = None
    ) -> int:
        """Keep a row, cells by column; its number is that of the row in its table unless told otherwise."""
        row: list[str | None] = [None] * len(kept.columns)
        for name, value in cells.items():
            place = kept.columns.get(name)
            if place is None:
                if len(kept.columns) >= MOST_COLUMNS:
                    self._note(
                        f"more than {MOST_COLUMNS} columns; what stands in others is not in the row", locator
                    )
                    continue
                place = kept.columns[name] = len(kept.columns)
                row.append(None)
            row[place] = value
        return self.append(kept, row, locator, number)

    def append(self, kept: Kept, cells: Sequence[str | None], locator: str, number: int | None = None) -> int:
        """Keep a row whose cells stand in the order of the table's columns."""
        kept.row_count += 1
        number = kept.row_count if number is None else number
        told = "".join(cell for cell in cells if cell)
        row = list(cells)
        if len(told) > CELL_SIGNS or _FORBIDDEN.search(told):
            row = [None if cell is None else self._cell(cell, locator) for cell in cells]
        signs = len(told) + len(row)
        kept.pending.append((number, row))
        kept.pending_signs += signs
        self._signs += signs
        if kept.pending_signs > _CHUNK_SIGNS:
            self._write(kept)
        elif self._signs > _PENDING_SIGNS:
            for one in self.tables.values():
                self._write(one)
        return kept.row_count

    def _cell(self, value: str, locator: str) -> str:
        if len(value) > CELL_SIGNS:
            self._note(f"a cell has more than {CELL_SIGNS} signs; what is beyond is not in the row", locator)
            value = value[:CELL_SIGNS]
        return clean(value)

    def _write(self, kept: Kept) -> None:
        if not kept.pending:
            return
        packed = zlib.compress(json.dumps(kept.pending).encode(), 1)
        kept.chunks.append((self._file.seek(0, 2), len(packed)))
        self._file.write(packed)
        self._signs -= kept.pending_signs
        kept.pending, kept.pending_signs = [], 0

    def _lines(self, kept: Kept) -> Iterator[Line]:
        for start, size in kept.chunks:
            self._file.seek(start)
            yield from (tuple(line) for line in json.loads(zlib.decompress(self._file.read(size))))
        yield from kept.pending

    def sheet(self, kept: Kept, codec: str | None, header: tuple[str, ...] | None = None) -> Sheet:
        """The rows of a table as a sheet; its header is the names of the columns unless told otherwise."""
        width = max(len(kept.columns), 1)
        return Sheet(
            name=kept.name,
            locator=kept.locator,
            width=width,
            header=header or tuple(" ".join(clean(name).split()) for name in kept.columns),
            header_row=None,
            codec=codec,
            batches=tabular.at_least_one(tabular.batches(self._lines(kept), width), width),
        )

    def headless(self, kept: Kept, codec: str | None, *, is_searched: bool = False) -> Iterator[Sheet | Text]:
        """The rows of a table of which nothing names the columns; where told so, one of its rows may be the header."""
        first = list(
            islice((one for one in self._lines(kept) if tabular.is_filled(one[1])), tabular.LOOK_ROWS)
        )
        place = tabular.header_position(first) if is_searched and first else None
        header_row = None if place is None else first[place][0]
        for line in first[: place or 0]:
            yield tabular.banner(line, codec, f"{kept.locator}/row")
        width = max(len(kept.columns), 1)
        below = (line for line in self._lines(kept) if header_row is None or line[0] > header_row)
        yield Sheet(
            name=kept.name,
            locator=kept.locator,
            width=width,
            header=None if place is None else tabular.header_words(first[place][1], width),
            header_row=header_row,
            codec=codec,
            batches=tabular.at_least_one(tabular.batches(below, width), width),
        )

    def _note(self, message: str, locator: str) -> None:
        if (message, locator) in self._noted or len(self._noted) < _MOST_NOTED:
            self._noted[message, locator] = self._noted.get((message, locator), 0) + 1

    def problems(self) -> Iterator[Problem]:
        """What was beyond a limit."""
        for message, locator in self._noted:
            yield Problem(kind=ProblemKind.LIMIT, locator=locator, message=message)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
