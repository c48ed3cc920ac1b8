"""Access databases (.mdb, .accdb): every table as a sheet.

Shows: the rows of each table that the database holds itself, hidden tables among them, with the names of their columns; memos in full.
Does not show: rows that were deleted and pages no longer in use; what forms, queries and reports make of the tables.
Not read: objects in columns (OLE) and attached files, told with their number; tables of other databases that are only linked to, told;
databases encrypted with a password (Access 2007 and later), told as locked. The password of an older database does not hinder reading.

References:
    - mdbtools, HACKING.md (Jet 3, Jet 4); Jackcess, as its documents tell of ACE (Access 2007 and later)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Want, Yields, parser
from parsers.formats import jet_table, tabular
from parsers.formats.jet_pages import DATA, SIGNATURES, JetError, Pages
from parsers.formats.jet_table import COMPLEX, OBJECT, Definition, Field
from parsers.formats.spool import clean
from parsers.formats.tabular import Line

_CATALOGUE_PAGE = 2
# MSysObjects.Type: a table, one of another database by ODBC, one of another Access database.
_LOCAL, _LINKED = 1, (4, 6)
_SYSTEM_FLAGS = 0x80000002
_CELL_SIGNS = 1 << 20
_MOST_NOTED = 20
_MOST_TABLES = 32_768
# Values longer than all of the file, and that several times, are of a file built to exhaust its reader.
_EXPANSION = 8
_FREE_BYTES = 16 << 20


@parser(version=1, wants=tuple(Want(signature=one) for one in SIGNATURES))
def access(artefact: Artefact) -> Yields:
    """One sheet for each table, in the order of the catalogue; the locator is `page:` and the page that defines it."""
    with artefact.open() as stream:
        try:
            pages = Pages(stream, artefact.size)
        except JetError as error:
            yield Problem(kind=ProblemKind.DAMAGED, locator="page:0", message=str(error))
            return
        if pages.key and pages.version > 1:
            message = "the database is encrypted with a password; nothing in it is counted: ask for a copy without one"
            yield Problem(kind=ProblemKind.LOCKED, locator="page:0", message=message)
            return
        yield from _Reading(pages).read()
        if artefact.size % pages.page_bytes:
            message = f"the file ends within a page of {pages.page_bytes} bytes: rows may be missing"
            yield Problem(kind=ProblemKind.TRUNCATED, locator=f"page:{pages.count}", message=message)


@dataclass(slots=True)
class _Reading:
    """A database as it is read, and what is wrong with it."""

    pages: Pages
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    objects: dict[str, int] = field(default_factory=dict)
    left: int = 0

    def read(self) -> Yields:
        self.left = _FREE_BYTES + _EXPANSION * self.pages.size
        tables = dict(list(self._catalogue().items())[:_MOST_TABLES])
        yield from self._told()
        for number, name in tables.items():
            try:
                table = jet_table.definition(self.pages, number)
            except JetError as error:
                message = f"the table {name} cannot be read: {error}"
                yield Problem(kind=ProblemKind.DAMAGED, locator=f"page:{number}", message=clean(message))
                continue
            yield from self._table(table, name)

    def _table(self, table: Definition, name: str) -> Yields:
        self.count, self.objects = 0, {}
        width = len(table.fields)
        yield Sheet(
            name=clean(name),
            locator=f"page:{table.page}",
            width=width,
            header=tuple(clean(one.name) for one in table.fields),
            header_row=None,
            codec=None,
            batches=tabular.at_least_one(tabular.batches(self._lines(table), width), width),
        )
        yield from self._told()
        if self.count != table.row_count:
            kind = ProblemKind.TRUNCATED if self.count < table.row_count else ProblemKind.AMBIGUOUS
            message = f"the table {name} says it has {table.row_count} rows, {self.count} are read"
            yield Problem(kind=kind, locator=f"page:{table.page}", message=clean(message))
        for column, number in self.objects.items():
            message = f"{number} objects or attached files in the column {column} are not read: persons in them are not counted"
            yield Problem(
                kind=ProblemKind.UNSUPPORTED,
                locator=f"page:{table.page}",
                message=clean(message),
                column=clean(column),
            )

    def _catalogue(self) -> dict[int, str]:
        """Name by page of each table of users; where the catalogue is damaged, of each page that defines one."""
        try:
            catalogue = jet_table.definition(self.pages, _CATALOGUE_PAGE)
            by_name = {one.name: index for index, one in enumerate(catalogue.fields)}
            wanted = [by_name[name] for name in ("Id", "Name", "Type", "Flags")]
        except (JetError, KeyError) as error:
            self._tell(
                f"page:{_CATALOGUE_PAGE}",
                ProblemKind.DAMAGED,
                f"the catalogue of tables cannot be read: {error}",
            )
            return self._found()
        tables: dict[int, str] = {}
        linked: list[str] = []
        for _, cells in self._lines(catalogue):
            number, name, kind, flags = (cells[index] for index in wanted)
            if name is None or number is None or kind is None:
                continue
            if int(kind) == _LOCAL and not int(flags or 0) & _SYSTEM_FLAGS and not name.startswith("MSys"):
                tables.setdefault(int(number) & 0xFFFFFF, name)
            elif int(kind) in _LINKED:
                linked.append(name)
        if self.count != catalogue.row_count:
            tables |= {number: name for number, name in self._found().items() if number not in tables}
        if linked:
            message = f"{len(linked)} tables stand in other databases and are only linked to: {', '.join(linked)[:300]}"
            self._tell(f"page:{_CATALOGUE_PAGE}", ProblemKind.UNSUPPORTED, message)
        return tables

    def _found(self) -> dict[int, str]:
        """Every page that defines a table of a user, by looking at all."""
        tables: dict[int, str] = {}
        for number in range(_CATALOGUE_PAGE + 1, self.pages.count):
            try:
                table = jet_table.definition(self.pages, number)
            except JetError:
                continue
            if not table.is_system:
                tables[number] = f"page {number}"
        return tables

    def _lines(self, table: Definition) -> Iterator[Line]:
        """The rows of a table, numbered as they come."""
        self.count = 0
        for number in self._owned(table):
            at = f"page:{table.page}/page:{number}"
            try:
                stored = list(jet_table.rows(self.pages, table, number))
            except JetError as error:
                self._tell(at, ProblemKind.DAMAGED, str(error))
                continue
            for slot, row in stored:
                try:
                    fields = jet_table.fields_of(self.pages, table, row)
                except JetError as error:
                    self._tell(f"{at}/row:{slot}", ProblemKind.DAMAGED, str(error))
                    continue
                self.count += 1
                yield (
                    self.count,
                    [
                        self._cell(one, value, f"{at}/row:{slot}")
                        for one, value in zip(table.fields, fields, strict=True)
                    ],
                )

    def _owned(self, table: Definition) -> Iterator[int]:
        """The pages of a table by its map; where that is damaged, all pages that say they are its."""
        seen: set[int] = set()
        try:
            for number in self.pages.owned(table.owned):
                if number not in seen and self._is_of(table, number):
                    seen.add(number)
                    yield number
        except JetError as error:
            message = f"the map of the table's pages cannot be read ({error}): pages no longer in use may be among those read"
            self._tell(f"page:{table.page}", ProblemKind.DAMAGED, message)
            for number in range(1, self.pages.count):
                if number not in seen and self._is_of(table, number):
                    yield number

    def _is_of(self, table: Definition, number: int) -> bool:
        # The map of a table also has the pages of its indices and long values.
        page = self.pages.page(number)
        return page[0] == DATA and int.from_bytes(page[4:8], "little") == table.page

    def _cell(self, one: Field, stored: bytes | bool | None, at: str) -> str | None:
        if stored is not None and one.kind in (OBJECT, COMPLEX):
            self.objects[one.name] = self.objects.get(one.name, 0) + 1
        if self.left <= 0:
            return None
        try:
            told = jet_table.value(self.pages, one, stored, 2 * _CELL_SIGNS)
        except JetError as error:
            self._tell(at, ProblemKind.DAMAGED, str(error), one.name)
            return None
        if told is None:
            return None
        self.left -= len(told)
        if self.left <= 0:
            self._tell(
                at,
                ProblemKind.LIMIT,
                "the values are many times as long as the file; those from here on are not read",
            )
        if len(told) >= _CELL_SIGNS:
            self._tell(
                at,
                ProblemKind.LIMIT,
                f"the value has more than {_CELL_SIGNS} signs; what is beyond is not in the row",
                one.name,
            )
        return clean(told[:_CELL_SIGNS])

    def _tell(self, at: str, kind: ProblemKind, message: str, column: str | None = None) -> None:
        if len(self.problems) < _MOST_NOTED:
            told: dict[str, Any] = {"kind": kind, "locator": at, "message": clean(message)}
            self.problems.append(Problem(column=None if column is None else clean(column), **told))

    def _told(self) -> Iterator[Problem]:
        yield from self.problems
        self.problems.clear()
