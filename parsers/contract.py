"""What a parser declares and what it yields: Table, Column, Want, Artefact, Row, Problem, Sheet, Text.

A parser is a generator that takes an artefact and yields rows, batches, sheets, texts, members
and problems in file order. It knows no case, no custody and no disk image; it never reads the
clock, the network, the environment or another file than its artefact and that one's companions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

text = pa.string()
integer = pa.int64()
real = pa.float64()
boolean = pa.bool_()
binary = pa.binary()
texts = pa.list_(pa.string())
utc = pa.timestamp("us", tz="UTC")
local = pa.timestamp("us")


class Status(StrEnum):
    """How a row was read."""

    OK = "ok"
    RECOVERED = "recovered"
    PARTIAL = "partial"


class ProblemKind(StrEnum):
    """The closed list of what can be wrong with an artefact."""

    UNREADABLE = "unreadable"
    UNRECOGNISED = "unrecognised"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    LOCKED = "locked"
    AMBIGUOUS = "ambiguous"
    LIMIT = "limit"
    CRASHED = "crashed"


PROVENANCE = (
    "case_id",
    "evidence_id",
    "entry_id",
    "locator",
    "parser",
    "parser_version",
    "status",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its Arrow type, its meaning in one sentence.

    `is_personal` marks values that speak of a person and are masked wherever they are shown.
    `is_machine_clock` marks a wall clock that is the one of the machine the evidence comes from: it becomes an
    interval of instants where the zone of that machine is proved. Wall clocks of other writers are never turned.
    """

    name: str
    type: pa.DataType
    meaning: str
    is_personal: bool = False
    is_machine_clock: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question an investigation asks, with the columns an answer has."""

    name: str
    asks: str
    columns: tuple[Column, ...]

    def __call__(self, where: str = "", **columns: str) -> Answer:
        """How one table answers: question column = name of the table's own column.

        `where` is a SQL condition over the table's columns for tables of which only some rows answer.
        """
        known = {column.name for column in self.columns}
        if unknown := sorted(set(columns) - known):
            raise TypeError(f"question {self.name!r} has no column {unknown[0]!r}")
        return Answer(self, tuple(sorted(columns.items())), where)


@dataclass(frozen=True, slots=True)
class Answer:
    """A table's declaration that it answers a question with some of its columns."""

    question: Question
    columns: tuple[tuple[str, str], ...]
    where: str = ""


@dataclass(frozen=True, slots=True, init=False)
class Table:
    """A table a parser yields: a name, documented columns, and the questions it answers."""

    name: str
    columns: tuple[Column, ...]
    answers: tuple[Answer, ...]

    def __init__(self, name: str, *columns: Column, answers: Answer | Sequence[Answer] = ()) -> None:
        """Declare a table; a column may not take the name of a provenance column."""
        names = [column.name for column in columns]
        for one in names:
            if one in PROVENANCE:
                raise TypeError(f"table {name!r} declares {one!r}, which is put in front of every row")
            if names.count(one) > 1:
                raise TypeError(f"table {name!r} declares {one!r} twice")
        many = (answers,) if isinstance(answers, Answer) else tuple(answers)
        for answer in many:
            for _, own in answer.columns:
                if own not in names and own not in PROVENANCE:
                    raise TypeError(f"table {name!r} answers with {own!r}, which it does not declare")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "answers", many)

    def row(self, at: str, status: Status = Status.OK, **values: Any) -> Row:
        """One row of this table; `at` is its locator, columns left out are null."""
        known = {column.name for column in self.columns}
        if unknown := sorted(set(values) - known):
            raise TypeError(f"table {self.name!r} has no column {unknown[0]!r}")
        return Row(table=self, locator=at, values=values, status=status)

    def schema(self) -> pa.Schema:
        """The Arrow schema of the table's own columns, without provenance."""
        return pa.schema([(column.name, column.type) for column in self.columns])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; made with `Table.row`."""

    table: Table
    locator: str
    values: Mapping[str, Any]
    status: Status = Status.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Many rows at once: an Arrow batch with the table's own columns, and a locator for each row."""

    table: Table
    locators: pa.Array
    rows: pa.RecordBatch
    status: Status = Status.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something about the artefact that could not be read as it should be; the work goes on."""

    kind: ProblemKind
    locator: str
    message: str
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A business table found inside a document, column for column, every value as text.

    `header` gives the words above the columns, or None where the sheet has no header. `batches`
    have the columns `row_number` (int64: the line or row in the source, counted from 1) and
    `c000`, `c001`, ... (string), as many as `width`; it is read to its end before the parser is
    asked for its next yield. `status` is that of all its rows: `recovered` where they were deleted and are read from what is left.
    """

    name: str
    locator: str
    width: int
    header: tuple[str, ...] | None
    header_row: int | None
    codec: str | None
    batches: Iterable[pa.RecordBatch]
    is_hidden: bool = False
    status: Status = Status.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A segment of running text: a page, paragraph, slide, or part of a mail."""

    locator: str
    segment: str
    content: str
    codec: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file found inside the artefact (attachment, archive member): it becomes an entry of its own.

    `name` is as stored, with U+DC80 to U+DCFF for undecodable bytes, `name_raw` its bytes where they were decoded by a guess.
    `content` is read to its end before the parser is asked for its next yield; where a stream breaks off with an
    OSError, what came before is read and the rest is told as damaged. `refusal` is why there is no content: the
    entry is told and stays unread. `is_inline` tells a picture of a body from an attachment.
    """

    locator: str
    name: str
    content: bytes | BinaryIO = b""
    refusal: Problem | None = None
    name_raw: bytes | None = None
    size: int | None = None
    media_type: str | None = None
    is_inline: bool = False
    modified_at: datetime | None = None
    modified_local: datetime | None = None


Yield = Row | Batch | Sheet | Text | Member | Problem
Yields = Iterator[Yield]


class Artefact(Protocol):
    """The bytes a parser is given, and nothing else."""

    @property
    def path(self) -> str:
        """Path on the evidence, as text; never a path of this machine."""

    @property
    def size(self) -> int:
        """Size in bytes."""

    @property
    def passwords(self) -> tuple[str, ...]:
        """Passwords the case knows, to be tried on what is locked; never to be told in a row or problem."""

    def opened_by(self, password: str) -> None:
        """Take note that one of those passwords opened it: who runs the parser keeps by which word a file was read."""

    @property
    def companions(self) -> Mapping[str, Artefact]:
        """Files that belong to it, by the suffix the parser declared (`-wal`, `.LOG1`)."""

    def open(self) -> BinaryIO:
        """A new read-only stream at the first byte."""

    def local(self) -> Path:
        """A read-only copy on this machine, for libraries that want a file; same bytes."""

    def head(self, size: int = 4096) -> bytes:
        """The first bytes."""

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once for this artefact and kept for every parser of it: a hive is opened once.

        It is ended with its `close`, where it has one, when the last parser is done.
        """


@dataclass(frozen=True, slots=True)
class Want:
    """An entry a parser wants: by its path, by its first bytes, or both.

    `pattern` is a glob over the path, told without regard to case, `**/` for any folder.
    `signature` are bytes at `offset`; `sniff` a function over the first 4096 bytes for formats
    without a fixed signature. With a pattern alone the path decides. With a signature or sniff the
    bytes decide; an entry whose path matches but whose bytes do not is a problem `unrecognised`
    unless `is_strict` is false (a name shared by many formats). Where `is_shared`, the signature is that of
    many kinds of file (a database, a compound file), and an entry of another name is not wanted. Where `is_fallback`,
    an entry is wanted only if no other parser takes it: who knows what a database is of reads it alone.
    """

    pattern: str | None = None
    signature: bytes | None = None
    offset: int = 0
    sniff: Callable[[bytes], bool] | None = None
    is_strict: bool = True
    is_shared: bool = False
    is_fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """A parser as the pipeline sees it: what it wants, what it yields, and the function."""

    name: str
    family: str
    version: int
    wants: tuple[Want, ...]
    tables: tuple[Table, ...]
    companions: tuple[str, ...]
    is_expected_on: tuple[str, ...]
    summary: str
    is_metadata_only: bool = False
    parse: Callable[[Artefact], Yields] = field(repr=False)

    @property
    def full_name(self) -> str:
        """Family and name, as in the provenance columns: `windows/lnk`."""
        return f"{self.family}/{self.name}"


def parser(
    *,
    version: int,
    wants: Sequence[Want],
    tables: Sequence[Table] = (),
    companions: Sequence[str] = (),
    is_expected_on: Sequence[str] = (),
    is_metadata_only: bool = False,
) -> Callable[[Callable[[Artefact], Yields]], Parser]:
    """Declare the decorated generator as a parser; its name is the function's, its family the folder's.

    `is_expected_on` names the roles of items (host, server, ...) on which at least one artefact is
    expected, so that finding none is told as `missing` and not as nothing. `is_metadata_only` says that persons may stand
    in the content and are not read: the entry is still told as one that was not looked at.
    """

    def declare(function: Callable[[Artefact], Yields]) -> Parser:
        family = function.__module__.split(".")[-2]
        return Parser(
            name=function.__name__,
            family=family,
            version=version,
            wants=tuple(wants),
            tables=tuple(tables),
            companions=tuple(companions),
            is_expected_on=tuple(is_expected_on),
            is_metadata_only=is_metadata_only,
            summary=(function.__doc__ or "").strip(),
            parse=function,
        )

    return declare
