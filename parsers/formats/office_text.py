"""Running text in segments, and tables of documents as sheets: what the readers of Office formats share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Sheet,
    Table,
    Text,
    Yield,
    Yields,
    local,
    text,
    utc,
)
from parsers.formats import tabular
from parsers.formats.xml_stream import START, TEXT, BadPart, Event

SEGMENT_BYTES = 1 << 16
# A table is told in pieces of so much: what is held at once.
_MOST_CELLS = 200_000
_MOST_SIGNS = 8 << 20
MOST_COLUMNS = 256
CELL_SIGNS = 1 << 20

REMARKS = Table(
    "office_remark",
    Column("remark_kind", text, "comment, insertion or deletion."),
    Column("remark_author", text, "Who made it, as stored.", is_personal=True),
    Column("remark_initials", text, "Initials of the author, as stored.", is_personal=True),
    Column("remark_local", local, "When it was made, in the wall clock of who made it."),
    Column("remark_at", utc, "When it was made, where the document names the instant."),
    Column(
        "remark_text",
        text,
        "The text of the comment, put in or taken out, at most 4096 signs.",
        is_personal=True,
    ),
    Column("document_part", text, "Part of the document it stands in."),
)
REMARK_SIGNS = 4096
MOST_PROBLEMS = 100


def few_problems(read: Callable[[Artefact], Yields]) -> Callable[[Artefact], Yields]:
    """Tells at most a hundred problems of one artefact, and how many more there are."""

    @functools.wraps(read)
    def reading(artefact: Artefact) -> Yields:
        count = 0
        for one in read(artefact):
            if isinstance(one, Problem):
                count += 1
                if count > MOST_PROBLEMS:
                    continue
            yield one
        if count > MOST_PROBLEMS:
            message = f"{count - MOST_PROBLEMS} more problems are not listed"
            yield Problem(kind=ProblemKind.LIMIT, locator="document", message=message)

    return reading


class Lines:
    """Gathers lines of one kind into segments of at most 64 KiB in UTF-8; the locator is the place of the first line."""

    def __init__(self, segment: str, codec: str | None = None) -> None:
        """Gather lines for `segment`."""
        self._segment = segment
        self._codec = codec
        self._place = ""
        self._held: list[str] = []
        self._bytes = 0

    def add(self, place: str, line: str) -> Iterator[Text]:
        """One more line; gives the segments that are full. A line of blanks is none."""
        if not line or line.isspace():
            return
        size = len(line.encode("utf-8", "replace")) + 1
        if self._bytes + size > SEGMENT_BYTES:
            yield from self.end()
        if size <= SEGMENT_BYTES:
            self._place = self._place if self._held else place
            self._held.append(line)
            self._bytes += size
            return
        for at, piece in pieces(line):
            yield Text(
                locator=f"{place}+{at}" if at else place,
                segment=self._segment,
                content=piece,
                codec=self._codec,
            )

    def end(self) -> Iterator[Text]:
        """What is held."""
        if self._held:
            content = "\n".join(self._held)
            self._held, self._bytes = [], 0
            yield Text(locator=self._place, segment=self._segment, content=content, codec=self._codec)


def pieces(line: str) -> Iterator[tuple[int, str]]:
    """A long text in pieces that fit into a segment, each with its place in signs; cut at a line's end where it can be."""
    at = 0
    while at < len(line):
        window = line[at : at + SEGMENT_BYTES]
        fitting = window.encode("utf-8", "replace")[:SEGMENT_BYTES].decode("utf-8", "ignore")
        if at + len(fitting) < len(line):
            fitting = fitting[: fitting.rfind("\n") + 1] or fitting
        yield at, fitting
        at += len(fitting)


class Grid:
    """A table of a document: rows as they come, told as a sheet; a form, or a table without a header, as lines as well."""

    def __init__(self, name: str, locator: str) -> None:
        """Begin a table."""
        self._name = name
        self._locator = locator
        self._rows: list[tabular.Line] = []
        self._number = 0
        self._cells = self._signs = 0
        self._header: tuple[tuple[str, ...] | None, int | None] | None = None
        self._part = 0
        self._is_wide = False

    @staticmethod
    def put(row: list[str | None], content: str | None, blanks: int = 0) -> bool:
        """Put a cell and blank ones behind it into a row; false where the row has become too long to hold it."""
        if len(row) >= 2 * MOST_COLUMNS:
            return False
        row.append(content)
        row += [None] * min(max(blanks, 0), MOST_COLUMNS)
        return True

    def add(self, cells: Sequence[str | None]) -> Iterator[Sheet | Text | Problem]:
        """One more row; gives the rows before where they have become many."""
        self._number += 1
        if len(cells) > MOST_COLUMNS:
            rest = "\t".join(one for one in cells[MOST_COLUMNS - 1 :] if one)
            cells = [*cells[: MOST_COLUMNS - 1], rest]
            if not self._is_wide:
                self._is_wide = True
                message = f"more than {MOST_COLUMNS} columns; the last holds the rest of the row"
                yield Problem(
                    kind=ProblemKind.LIMIT, locator=f"{self._locator}/row:{self._number}", message=message
                )
        self._rows.append((self._number, list(cells)))
        self._cells += len(cells)
        self._signs += sum(len(one) for one in cells if one)
        if self._cells > _MOST_CELLS or self._signs > _MOST_SIGNS:
            yield from self._told()

    def end(self) -> Iterator[Sheet | Text | Problem]:
        """The rows since the last piece."""
        yield from self._told()

    def _told(self) -> Iterator[Sheet | Text]:
        rows = [one for one in self._rows if tabular.is_filled(one[1])]
        self._rows, self._cells, self._signs = [], 0, 0
        if not rows:
            return
        width = max(len(cells) for _, cells in rows)
        if self._header is None:
            yield from self._begin(rows, width)
        assert self._header is not None
        header, header_row = self._header
        if header is None:
            lines = Lines("table")
            for number, line in form_lines(rows):
                yield from lines.add(f"{self._locator}/row:{number}", line)
            yield from lines.end()
            if width == 1 and len(rows) == 1 and not self._part:
                return  # a frame around text, no table
        self._part += 1
        yield Sheet(
            name=self._name,
            locator=self._locator if self._part == 1 else f"{self._locator}/piece:{self._part}",
            width=max(width, len(header or ())),
            header=None if header is None else (*header, *[""] * (width - len(header))),
            header_row=header_row,
            codec=None,
            batches=tabular.at_least_one(
                tabular.batches(
                    (one for one in rows if one[0] > (header_row or 0)), max(width, len(header or ()))
                ),
                max(width, len(header or ())),
            ),
        )

    def _begin(self, rows: list[tabular.Line], width: int) -> Iterator[Text]:
        """Find the header; what stands above it is told as text."""
        first = rows[: tabular.LOOK_ROWS]
        place = None if is_form(first) else tabular.header_position(first)
        for line in first[: place or 0]:
            yield tabular.banner(line, None, f"{self._locator}/row")
        if place is None:
            self._header = None, None
        else:
            self._header = tabular.header_words(first[place][1], width), first[place][0]


def _label(cell: str) -> str:
    return "".join(cell.split()).rstrip(":：")


def _pairs(cells: Sequence[str | None]) -> list[tuple[str, list[str]]]:
    """The labels of a row with the values behind each; values without a label stand behind an empty one."""
    found: list[tuple[str, list[str]]] = []
    for cell in cells:
        if not cell or cell.isspace():
            continue
        if tabular.is_label(_label(cell)):
            found.append((_label(cell), []))
        elif found:
            found[-1][1].append(cell)
        else:
            found.append(("", [cell]))
    return found


def is_form(rows: Sequence[tabular.Line]) -> bool:
    """Whether a table is a form: its rows are labels with values behind them, the first filled one too."""
    told = [
        pairs for _, cells in rows if len(pairs := _pairs(cells)) and sum(1 + len(v) for _, v in pairs) > 1
    ]
    labelled = [
        pairs[0][0] != "" and bool(pairs[0][1]) and not tabular.is_value(pairs[0][0]) for pairs in told
    ]
    return bool(labelled) and labelled[0] and sum(labelled) >= 0.6 * len(labelled)


def form_lines(rows: Sequence[tabular.Line]) -> Iterator[tuple[int, str]]:
    """Lines of text with the number of their row: `label: value` for a form, cells with tabs between for other rows.

    Where each row has one label and several values (a person in each column), the lines of each column follow one another.
    """
    told = [(number, _pairs(cells)) for number, cells in rows]
    single = [(number, pairs[0]) for number, pairs in told if len(pairs) == 1 and pairs[0][0]]
    most = max((len(values) for _, (_, values) in single), default=0)
    if 1 < most <= MOST_COLUMNS and len(single) == len(told) > 1:
        for column in range(most):
            for number, (label, values) in single:
                if column < len(values):
                    yield number, f"{label}: {values[column]}"
        return
    for number, pairs in told:
        for label, values in pairs:
            joined = "\t".join(values)
            yield number, f"{label}: {joined}" if label and joined else label or joined


class Reading(Protocol):
    """The state of a part of a document as its events go by."""

    out: list[Yield]

    def start(self, name: str, given: dict[str, str], /) -> None:
        """An element begins."""

    def text(self, content: str, /) -> None:
        """Characters."""

    def end(self, name: str, /) -> None:
        """An element ends."""

    def close(self) -> Iterable[Yield]:
        """What is left at the end of the part."""


def read_part(reading: Reading, given: Iterable[Event], place: str) -> Yields:
    """Everything a part says, as it is read; what cannot be read is a problem at `place`, and what came before is given."""
    try:
        for kind, one, attributes in given:
            if kind == TEXT:
                reading.text(one)
            elif kind == START:
                reading.start(one, attributes)
            else:
                reading.end(one)
            if reading.out:
                found, reading.out = reading.out, []
                yield from found
    except BadPart as error:
        yield Problem(kind=error.kind, locator=place, message=str(error))
    yield from reading.close()
