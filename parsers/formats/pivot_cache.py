"""Rows that a workbook keeps of other data: caches of pivot tables and of other workbooks its formulas refer to.

They stay when the sheet or workbook they came from is deleted.

References:
    - ISO/IEC 29500-1 18.10.1.67 (pivotCacheDefinition), 18.10.1.68 (pivotCacheRecords), 18.14 (external links)
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.contract import Problem, ProblemKind, Sheet, Yields
from parsers.formats import drawing_text, tabular
from parsers.formats.office_text import MOST_COLUMNS, Grid, Lines
from parsers.formats.package import Package, problem
from parsers.formats.xml_stream import END, START, TEXT, BadPart

_MOST_FIELDS = 1024
_MOST_SIGNS = 64 << 20
_MOST_ITEMS = 4_000_000
_ITEMS = {"x:s", "x:n", "x:d", "x:b", "x:e", "x:m"}
_MIDNIGHT = "T00:00:00"


@dataclass(slots=True)
class _Field:
    """A column of a cache: its name, the values it shares, and which of them no row has named yet."""

    name: str
    shared: list[str | None] = field(default_factory=list)
    unused: array[int] = field(default_factory=lambda: array("b"))


def rows(parts: Package, name: str) -> Yields:
    """The rows of a cache as a sheet, then values that no row has any more."""
    fields: list[_Field] = []
    source: dict[str, str] = {}
    try:
        _define(parts, name, fields, source)
    except BadPart as error:
        yield problem(name, error)
    told = "!".join(filter(None, (source.get("sheet"), source.get("ref") or source.get("name"))))
    for records in drawing_text.targets(parts, name, "pivotCacheRecords"):
        faults: list[Problem] = []
        width = len(fields)
        if not width:
            continue
        lines = _records(parts, records, fields, faults)
        yield Sheet(
            name=f"pivot cache {told}".strip(),
            locator=f"part:{records}",
            width=width,
            header=tabular.header_words([one.name for one in fields], width),
            header_row=None,
            codec=None,
            is_hidden=True,
            batches=tabular.at_least_one(tabular.batches(lines, width), width),
        )
        yield from faults
    lines_of = Lines("pivot_item")
    for one in fields:
        for at, value in enumerate(one.shared):
            if one.unused[at] and value:
                yield from lines_of.add(f"part:{name}/item:{at}", f"{one.name}: {value}")
    yield from lines_of.end()


def _define(parts: Package, name: str, fields: list[_Field], source: dict[str, str]) -> None:
    """Take the columns of a cache and their shared values.

    Raises:
        BadPart: it cannot be read further, or holds more than is kept.
    """
    is_shared = is_kept = False
    signs = count = 0
    for kind, one, given in parts.events(name):
        if kind != START:
            is_shared = is_shared and one != "x:sharedItems"
            continue
        if one == "x:worksheetSource":
            source.update(given)
        elif one == "x:cacheField":
            # A field that is grouped or calculated has no value in the rows.
            is_kept = given.get("databaseField") not in ("0", "false")
            if is_kept:
                fields.append(_Field(given.get("name", "")))
            if len(fields) > _MOST_FIELDS:
                del fields[_MOST_FIELDS:]
                raise BadPart(
                    ProblemKind.LIMIT, f"more than {_MOST_FIELDS} columns of a cache; the rest is not read"
                )
        elif one == "x:sharedItems":
            is_shared = is_kept
        elif is_shared and fields and one in _ITEMS:
            value = _value(one, given)
            fields[-1].shared.append(value)
            fields[-1].unused.append(1)
            signs += len(value or "")
            count += 1
            if signs > _MOST_SIGNS or count > _MOST_ITEMS:
                raise BadPart(
                    ProblemKind.LIMIT, "the values a cache shares are too many; the rest is not read"
                )


def _records(
    parts: Package, name: str, fields: list[_Field], faults: list[Problem]
) -> Iterator[tabular.Line]:
    cells: list[str | None] = []
    number = missing = 0
    try:
        for kind, one, given in parts.events(name):
            if kind == START:
                if one == "x:r":
                    cells = []
                elif len(cells) < len(fields):
                    if one == "x:x":
                        shared, at = fields[len(cells)], _index(given.get("v", ""))
                        if at < len(shared.shared):
                            shared.unused[at] = 0
                            cells.append(shared.shared[at])
                        else:
                            missing += 1
                            cells.append(None)
                    elif one in _ITEMS:
                        cells.append(_value(one, given))
            elif kind == END and one == "x:r":
                number += 1
                yield number, cells
    except BadPart as error:
        faults.append(problem(name, error))
    if missing:
        message = f"{missing} values name an entry that the cache does not have; they are null"
        faults.append(Problem(kind=ProblemKind.DAMAGED, locator=f"part:{name}", message=message))


def _value(element: str, given: dict[str, str]) -> str | None:
    value = given.get("v")
    if element == "x:b":
        return "TRUE" if value in ("1", "true") else "FALSE"
    return value.removesuffix(_MIDNIGHT) if value and element == "x:d" else value


def _index(stored: str) -> int:
    return int(stored) if stored.isascii() and stored.isdigit() and len(stored) < 8 else 1 << 31


def external(parts: Package, name: str) -> Yields:
    """The cells a workbook keeps of other workbooks, a table for each of their sheets; its rows are counted from 1."""
    names: list[str] = []
    grid: Grid | None = None
    row: list[str | None] = []
    given_cell: dict[str, str] = {}
    held: list[str] = []
    is_value = False
    try:
        for kind, one, given in parts.events(name):
            if kind == TEXT:
                if is_value:
                    held.append(one)
                continue
            if kind == START:
                is_value = one in ("x:v", "x:val")
                if one == "x:sheetName" and len(names) < MOST_COLUMNS:
                    names.append(given.get("val", "")[:200])
                elif one == "x:sheetData":
                    number = _index(given.get("sheetId", ""))
                    told = names[number] if number < len(names) else ""
                    grid = Grid(f"external {told}".strip(), f"part:{name}/sheet:{number + 1}")
                elif one == "x:row":
                    row = []
                elif one == "x:cell":
                    given_cell, held = given, []
                continue
            is_value = False
            if grid is None:
                continue
            if one == "x:cell":
                blanks = _column(given_cell.get("r", "")) - len(row)
                if blanks > 0:
                    grid.put(row, None, blanks - 1)
                value = "".join(held)
                grid.put(row, {"1": "TRUE", "0": "FALSE"}.get(value) if given_cell.get("t") == "b" else value)
            elif one == "x:row":
                yield from grid.add(row)
            elif one == "x:sheetData":
                yield from grid.end()
                grid = None
    except BadPart as error:
        yield problem(name, error)
    if grid is not None:
        yield from grid.end()


def _column(place: str) -> int:
    """The column of a cell's name, from 0."""
    number = 0
    for sign in place[:4]:
        if not "A" <= sign <= "Z":
            break
        number = number * 26 + ord(sign) - 64
    return max(number - 1, 0)
