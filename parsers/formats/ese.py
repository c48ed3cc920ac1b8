"""ESE (JET Blue) databases: tables and typed values by name; damage told as problems, the rest read.

Nothing here raises for what stands in a database. What cannot be read becomes a problem that waits until
`Database.problems` is asked for it. A database that was not closed is read as it stands: its transaction logs are
never replayed, and that is told.

Not read: transaction logs; columns that hold several values, compressed bytes; deleted records.

References:
    - J. Metz, Extensible Storage Engine (ESE) Database File (EDB) format (libesedb), cited as [EDB]
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyesedb

from parsers.contract import Artefact, Problem, ProblemKind, Status
from parsers.formats.ese_pages import (
    CATALOGUE_PAGE,
    HEADER_BYTES,
    SHADOW_PAGE,
    SIGNATURE,
    Patched,
    Survey,
    read_header,
    survey,
)
from parsers.formats.ese_values import UNREADABLE, Field, reason, values_of

SIGNATURE_OFFSET = 4
# [EDB] Database state, as JET_DbInfoMisc names it.
_STATES = {
    1: "just created",
    2: "dirty shutdown",
    3: "clean shutdown",
    4: "being converted",
    5: "force detached",
}
_CLEAN = 3
# [EDB] Column identifiers: 1 to 127 of fixed place, to 255 of variable size, above only in rows that have a value.
_FIRST_VARIABLE = 128
_SPACE = 1  # the object that owns the pages which tell free space
MOST_RECORDS = 2_000_000
_MOST_TOLD = 20
_MOST_ASIDE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: where it stands, its values by the names they were asked for, how it was read."""

    locator: str
    values: dict[str, Any]
    status: Status


@dataclass(slots=True, kw_only=True)
class _Table:
    table: Any
    is_patched: bool = False


@dataclass(slots=True, kw_only=True)
class Database:
    """An opened database, or what is left of it; `is_open` is false where nothing can be read."""

    is_open: bool = False
    is_partial: bool = False
    state: int = 0
    page_size: int = 0
    pages: Survey = field(default_factory=lambda: Survey(page_size=0), repr=False)
    stream: BinaryIO = field(default_factory=io.BytesIO, repr=False)
    file: Any = field(default=None, repr=False)
    patched: Any = field(default=None, repr=False)
    blocks: dict[int, bytes] = field(default_factory=dict, repr=False)
    names: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    _owners: dict[int, str] = field(default_factory=dict, repr=False)
    _damaged: set[str] = field(default_factory=set, repr=False)
    _waiting: list[Problem] = field(default_factory=list, repr=False)

    def __enter__(self) -> Database:
        """The database, to be closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what it is read from."""
        self.is_open = False
        for one in (self.file, self.patched):
            if one is not None:
                one.close()
        self.stream.close()

    def problems(self) -> Iterator[Problem]:
        """Problems met since this was last asked, in the order they were met."""
        met, self._waiting = self._waiting, []
        yield from met

    def tell(self, kind: ProblemKind, locator: str, message: str, column: str | None = None) -> None:
        """Keep a problem until it is asked for."""
        self._waiting.append(Problem(kind=kind, locator=locator, message=message, column=column))

    def has(self, table: str) -> bool:
        """Whether the catalogue has a table."""
        return table in self.names

    def columns(self, table: str) -> tuple[str, ...]:
        """Names of the columns of a table, none where they cannot be read."""
        opened = self._table(table)
        try:
            return () if opened is None else tuple(one.name for one in opened.table.columns if one.name)
        except UNREADABLE:
            return ()

    def records(
        self, table: str, fields: Mapping[str, Field], *, key: str | None = None, most: int = MOST_RECORDS
    ) -> Iterator[Record]:
        """The records of a table in stored order; a value that cannot be read is absent and a problem.

        A record is located by the value of its `key`, which is one of the fields, else by its number from 0.
        """
        opened = self._table(table)
        if opened is None:
            return
        count = self._count(table, opened)
        if count > most:
            self.tell(ProblemKind.LIMIT, table, f"{count} records, the first {most} are read")
        try:
            columns = {
                one.name: (place, one.type, one.identifier < _FIRST_VARIABLE)
                for place, one in enumerate(opened.table.columns)
            }
        except UNREADABLE as error:
            self.tell(ProblemKind.DAMAGED, table, f"the columns cannot be read: {reason(error)}")
            return
        is_partial = self.is_partial or table in self._damaged
        lost = 0
        for number in range(min(count, most)):
            told = len(self._waiting)
            try:
                record = opened.table.get_record(number)
            except UNREADABLE as error:
                lost += 1
                if lost <= _MOST_TOLD:
                    self.tell(ProblemKind.DAMAGED, f"{table} record {number}", f"no record: {reason(error)}")
                continue
            values, errors = values_of(record, fields, columns)
            locator = f"{table} record {number}"
            if key is not None and values.get(key) is not None:
                locator = f"{table}#{values[key]}"
            for name, why in errors.items():
                self.tell(ProblemKind.DAMAGED, locator, f"{fields[name].name}: {why}", name)
            is_ok = not is_partial and len(self._waiting) == told
            yield Record(locator=locator, values=values, status=Status.OK if is_ok else Status.PARTIAL)
        if lost > _MOST_TOLD:
            self.tell(ProblemKind.DAMAGED, table, f"{lost} of {count} records cannot be read")

    def _table(self, name: str) -> _Table | None:
        try:
            found = self.file.get_table_by_name(name)
        except UNREADABLE as error:
            self.tell(ProblemKind.DAMAGED, name, f"the table cannot be opened: {reason(error)}")
            return None
        return None if found is None else _Table(table=found)

    def _count(self, name: str, opened: _Table) -> int:
        """How many records a table has; where damage hides that, of what is left with the damaged pages set aside."""
        try:
            return int(opened.table.number_of_records)
        except UNREADABLE as error:
            why = reason(error)
        self._damaged.add(name)
        try:
            aside = self._aside(name)
            count = int(aside.number_of_records)
            opened.table = aside
        except (*UNREADABLE, AttributeError):
            self.tell(ProblemKind.DAMAGED, name, f"none of its records can be read: {why}")
            return 0
        message = f"pages of the table cannot be read, {count} records stand on the others: {why}"
        self.tell(ProblemKind.DAMAGED, name, message)
        return count

    def _aside(self, name: str) -> Any:
        """The table once more, with an empty page for each damaged or missing one."""
        if self.patched is None:
            blocks = dict(self.blocks)
            bad = self.pages.damaged | set(self.pages.missing)
            if len(bad) > _MOST_ASIDE:
                raise ValueError(f"{len(bad)} pages are damaged or missing")
            for page in bad:
                blocks[page + 1] = self.pages.blank(page)
            for owner, root in self.names.values():
                leaf = self.pages.first_leaf(owner) if root in self.pages.damaged else None
                if leaf is not None:
                    blocks[root + 1] = self.pages.root(owner, leaf)
            self.patched = pyesedb.file()
            self.patched.open_file_object(Patched(self.stream, self.page_size, blocks))
        return self.patched.get_table_by_name(name)


def open_database(artefact: Artefact) -> Database:
    """The database of an artefact, read as it stands; what is wrong with it waits as problems."""
    database = Database()
    head = artefact.head(HEADER_BYTES)
    if head[4:8] != SIGNATURE and artefact.size < 2 * HEADER_BYTES:
        what = "the file is empty" if not head else f"no ESE database: at 4 stands {head[4:8].hex(' ')}"
        database.tell(ProblemKind.UNRECOGNISED, "0", what)
        return database
    database.stream = artefact.open()
    header = read_header(database.stream)
    if header is None:
        message = (
            "the header of the database does not hold, nor does its copy: cut, damaged, or no ESE database"
        )
        kind = ProblemKind.DAMAGED if head[4:8] == SIGNATURE else ProblemKind.UNRECOGNISED
        database.tell(kind, "0", message)
        return database
    database.state, database.page_size = header.state, header.page_size
    if header.is_backup:
        database.tell(
            ProblemKind.DAMAGED, "0", "the header does not hold, its copy is read, which may be older"
        )
        database.is_partial = True
        database.blocks[0] = header.content
    if header.state != _CLEAN:
        state = _STATES.get(header.state, f"state {header.state}")
        message = f"not closed ({state}): what was written last may stand in transaction logs, which are not replayed"
        database.tell(ProblemKind.AMBIGUOUS, str(52), message)
        database.is_partial = True
    database.pages = survey(database.stream, header.page_size)
    _open(database)
    _tell_pages(database)
    return database


def _open(database: Database) -> None:
    """Open with libesedb, where the catalogue is damaged with its shadow in its place; read which tables there are."""
    pages, size = database.pages, database.page_size
    for page in pages.looped:
        database.blocks[page + 1] = pages.blank(page)
    is_catalogue_bad = any(pages.owners(page) & {1, 2} for page in pages.damaged)
    errors = []
    for is_shadow in (True, False) if is_catalogue_bad else (False, True):
        blocks = dict(database.blocks)
        if is_shadow:
            database.stream.seek(pages.offset(SHADOW_PAGE))
            blocks[CATALOGUE_PAGE + 1] = database.stream.read(size).ljust(size, b"\0")
        file = pyesedb.file()
        try:
            file.open_file_object(Patched(database.stream, size, blocks))
            names = {one.name: one.identifier for one in file.tables if one.name}
        except UNREADABLE as error:
            errors.append(reason(error))
            continue
        database.file, database.blocks, database.is_open = file, blocks, True
        if is_shadow:
            database.is_partial = True
            database.tell(
                ProblemKind.DAMAGED,
                str(pages.offset(CATALOGUE_PAGE)),
                "the catalogue is damaged, its shadow is read",
            )
        _own(database, names)
        return
    database.tell(ProblemKind.DAMAGED, "0", f"the catalogue cannot be read: {errors[0]}")


def _own(database: Database, names: Mapping[str, int]) -> None:
    """Which table each object belongs to: a table's own pages, and its long values ([EDB] Catalog types 1 and 4)."""
    by_identifier = {identifier: name for name, identifier in names.items()}
    database.names = {name: (identifier, 0) for name, identifier in names.items()}
    database._owners = {_SPACE: "", **by_identifier}
    wanted = {"kind": "Type", "table": "ObjidTable", "own": "Id", "page": "ColtypOrPgnoFDP"}
    fields = {key: Field(name=name) for key, name in wanted.items()}
    for record in database.records("MSysObjects", fields):
        one = record.values
        name = by_identifier.get(one.get("table") or 0)
        if name is None:
            continue
        if one.get("kind") == 1:
            database.names[name] = (names[name], one.get("page") or 0)
        elif one.get("kind") in (3, 4):
            # The primary index is the table itself and has its number; other indexes repeat what the table holds.
            database._owners.setdefault(one.get("own") or 0, name if one["kind"] == 4 else "")


def _tell_pages(database: Database) -> None:
    """A problem for each damaged page with the table it belongs to, for missing ones together."""
    pages = database.pages
    if pages.trailing_bytes or pages.missing:
        message = f"{len(pages.missing)} pages that their neighbours point to lie behind the end of the file"
        if pages.trailing_bytes:
            message += f", and the last page has {pages.trailing_bytes} of {pages.page_size} bytes"
        database.tell(ProblemKind.TRUNCATED, str(pages.offset(pages.last + 1)), message)
    for page in sorted({*pages.damaged, *pages.missing, *pages.looped}):
        owners = {database._owners.get(one) for one in pages.owners(page)}
        tables = {one for one in owners if one}
        if None in owners and not tables:
            # A page that says of itself what nothing else confirms: it may have held rows of any table.
            database.is_partial = True
        database._damaged |= tables
        if page in pages.missing:
            continue
        if len([1 for one in database._waiting if one.kind is ProblemKind.DAMAGED]) < 4 * _MOST_TOLD:
            whose = " or ".join(sorted(tables)) or (
                "no table that is known" if None in owners else "no table"
            )
            what = "leads back to a page before" if page in pages.looped else "does not hold its checksum"
            message = f"page {page} {what}; it belongs to {whose}"
            database.tell(ProblemKind.DAMAGED, str(pages.offset(page)), message)
