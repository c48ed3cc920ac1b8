"""Rows of a log of lines: decoded, gathered into batches in file order, with the problems of the lines up to a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from parsers.contract import Artefact, Batch, Problem, ProblemKind, Status, Table, Yields
from parsers.formats import codecs
from parsers.formats.lines import MOST_SIGNS, lines

BATCH_ROWS = 2000
MOST_PROBLEMS = 1000
_MOST_NUMBER = 1 << 63
_LOOK_LINES = 20


class LogRows:
    """Holds the rows and problems that are not yielded yet; a row whose line has a problem is partial."""

    def __init__(self, table: Table) -> None:
        """Begin with none."""
        self._table = table
        self._rows: list[Mapping[str, Any]] = []
        self._numbers: list[int] = []
        self._partial: set[int] = set()
        self._problems: list[Problem] = []
        self._told = 0
        self._faulty = 0

    def __len__(self) -> int:
        """How many rows are held."""
        return len(self._rows)

    def add(self, number: int, values: Mapping[str, Any]) -> None:
        """Take the row that begins at a line."""
        if self._faulty >= number:
            self._partial.add(len(self._rows))
        self._rows.append(values)
        self._numbers.append(number)

    def fault(
        self, number: int, message: str, column: str | None = None, kind: ProblemKind = ProblemKind.DAMAGED
    ) -> None:
        """Take a problem of a line; the rows added for it from here on are partial."""
        self._faulty = max(self._faulty, number)
        self.problem(kind, f"line:{number}", message, column)

    def problem(self, kind: ProblemKind, locator: str, message: str, column: str | None = None) -> None:
        """Take a problem of the log, up to a budget."""
        self._told += 1
        if self._told <= MOST_PROBLEMS:
            self._problems.append(Problem(kind=kind, locator=locator, message=message, column=column))

    def number(self, number: int, column: str, stored: str | None) -> int | None:
        """The whole number a column is written as; what is none is told."""
        if stored is None:
            return None
        if stored.isascii() and stored.isdigit() and len(stored) < 20 and int(stored) < _MOST_NUMBER:
            return int(stored)
        self.fault(number, f"{column} is no number: {stored[:60]!r}", column)
        return None

    def given(self) -> Yields:
        """Batches of the rows, then the problems; nothing is left behind."""
        begin = 0
        while begin < len(self._rows):
            is_partial = begin in self._partial
            end = begin + 1
            while end < len(self._rows) and (end in self._partial) == is_partial:
                end += 1
            yield self._batch(begin, end, Status.PARTIAL if is_partial else Status.OK)
            begin = end
        yield from self._problems
        self._rows, self._numbers, self._problems, self._partial = [], [], [], set()

    def last(self) -> Yields:
        """What is held, and how many problems were not told."""
        yield from self.given()
        if self._told > MOST_PROBLEMS:
            message = f"{self._told - MOST_PROBLEMS} more problems of this log are not listed"
            yield Problem(kind=ProblemKind.LIMIT, locator="", message=message)

    def _batch(self, begin: int, end: int, status: Status) -> Batch:
        part = self._rows[begin:end]
        columns = self._table.columns
        arrays = [pa.array([one.get(column.name) for one in part], column.type) for column in columns]
        rows = pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])
        locators = pa.array([f"line:{one}" for one in self._numbers[begin:end]])
        return Batch(table=self._table, locators=locators, rows=rows, status=status)


def read(
    artefact: Artefact, rows: LogRows, feed: Callable[[int, str], None], end: Callable[[], None] | None = None
) -> Yields:
    """Give every line that is not blank to `feed` with its number, and yield what it adds to the rows; `end` is called behind the last."""
    decoder = codecs.Decoder(codec_of(artefact))
    with artefact.open() as stream:
        for number, line in enumerate(lines(stream, decoder), 1):
            if len(line) >= MOST_SIGNS:
                rows.fault(
                    number,
                    f"the line is longer than {MOST_SIGNS} signs; only those are read",
                    kind=ProblemKind.LIMIT,
                )
            if line and not line.isspace():
                feed(number, line)
            if len(rows) >= BATCH_ROWS:
                yield from rows.given()
    if end is not None:
        end()
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {decoder.codec}, the first at offset {decoder.first_offset}; they stand as \\xNN"
        rows.problem(ProblemKind.DAMAGED, f"offset:{decoder.first_offset}", message)
    yield from rows.last()


def codec_of(artefact: Artefact) -> str:
    """Name of the encoding of a log."""
    with artefact.open() as stream:
        return codecs.decide(codecs.sample(stream))


def first_lines(head: bytes) -> list[str]:
    """The first whole lines of a log by its first bytes, none where they are no text."""
    if b"\0" in head[:64] or not codecs.is_text(head):
        return []
    told = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").splitlines()
    # The last line may be cut, and is not judged where others stand before it.
    whole = told[:-1] if len(told) > 1 and not head.endswith((b"\n", b"\r")) else told
    return [one for one in whole if one.strip()][:_LOOK_LINES]


def most(found: Iterable[object]) -> bool:
    """Whether at least half are something, and one is."""
    every = [bool(one) for one in found]
    return any(every) and sum(every) * 2 >= len(every)


def given(values: Mapping[str, str | None], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Columns with their values by a map of field names, without what is not told."""
    for field, column in names.items():
        if (value := values.get(field)) is not None:
            yield column, value
