"""SQLite databases that no other parser knows, and rows deleted from them.

Shows: every row of every table as a sheet, the write-ahead log applied; the text of a full-text index where it is kept in a table of
its own (`<index>_content`). row_number is the rowid where there is one. Deleted and former rows stand apart, in sheets named
`<table> (recovered)` with the status recovered, whose last column says where each was found: in free pages, in unallocated space of leaf pages, in states of pages that the
log replaced or that it holds and are not in force. A blob that is text in UTF-8 or UTF-16 stands as text, others by their size.
Does not show: who deleted a row, or when; a row found again may also be an earlier state of one that was changed. A row of a free page is
given to the table whose columns it fits: `a or b (recovered)` where several do; a table since dropped with the same columns looks the same.
A row that fits none, as of a dropped table, stands in `(recovered)`, without header. Where the front of a row is overwritten its number is
lost and null. Where a table cannot be read to its end, a row found again may be one that stands behind the damage.
Not read: views, indices, virtual tables and the tables in which they keep themselves, tables of SQLite itself (sqlite_...), generated columns;
encrypted databases, which have no header. Of deleted rows: those longer than a page holds, of a dropped table in a page that heads the freelist, of tables without rowid, overwritten in part,
of one or few short numbers alone, equal in all columns to a live row; pages that `secure_delete` or VACUUM wiped; rollback journals.

References:
    - SQLite, "Database File Format"; "The Virtual Table Mechanism Of SQLite", 2.16 (shadow tables)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from parsers.contract import Artefact, ProblemKind, Sheet, Status, Want, Yields, parser
from parsers.formats import tabular
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Database, Stored, open_database
from parsers.formats.sqlite_carving import MOST_FOUND, MOST_LOOKED_BYTES, Carving, Found
from parsers.formats.sqlite_pages import MOST_COLUMNS, open_pages
from parsers.formats.sqlite_shapes import Shape, shape_of

_MOST_TABLES = 2000
_MOST_NAMED = 3
_MOST_SIGNS = 1 << 20
_MOST_BATCH_SIGNS = 16 << 20
# What fts3, fts4, fts5, rtree and spellfix1 keep of themselves; `_content` of an index of texts is the texts.
_SHADOWS = {
    "fts": ("_segments", "_segdir", "_docsize", "_stat", "_data", "_idx", "_config"),
    "rtr": ("_node", "_parent", "_rowid"),
    "geo": ("_node", "_parent", "_rowid"),
    "spe": ("_vocab",),
}
_MODULE = re.compile(r"\bUSING\s+[\"'\[`]?(\w+)", re.IGNORECASE)
# With a default that is no plain value: its rows are never shorter.
_SCHEMA = [(0, name, kind, 0, "none()", 0, 0) for name, kind in (("type", "TEXT"), ("name", "TEXT"), ("tbl_name", "TEXT"), ("rootpage", "INT"), ("sql", "TEXT"))]  # fmt: skip
_NUMBER = re.compile(r"-?\d{1,19}", re.ASCII)
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# Signs of UTF-16 without a mark: ASCII, kana, kanji, full width; bytes of chance are hardly ever of these alone.
_WIDE = re.compile("[\\t\\n\\r -~\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f]{2,}")
_WIDE_COMMON = re.compile("[ -~\u3000-\u30ff]")


@parser(
    version=2,
    wants=(Want(signature=SIGNATURE, is_fallback=True),),
    companions=COMPANION_SUFFIXES,
)
def sqlite_database(artefact: Artefact) -> Yields:
    """One sheet for each filled table in stored order, then one for each group of rows found again."""
    with open_database(artefact) as database:
        yield from database.problems()
        if not database.is_open:
            return
        names = list(database.tables)
        if len(names) > _MOST_TABLES:
            message = f"more than {_MOST_TABLES} tables, the rest is not read"
            database.tell(ProblemKind.LIMIT, "sqlite_schema", message)
        left_out = _left_out(database)
        shapes = {
            name: shape for name in names[:_MOST_TABLES] if (shape := _shape(database, name)) is not None
        }
        carving = _carve(artefact, database, shapes)
        for name in names[:_MOST_TABLES]:
            shape = shapes.get(name)
            if name not in left_out:
                yield from _table(database, name, carving, shape)
            elif carving is not None and shape is not None and carving.found:
                for stored in database.rows(name, shape.header):
                    _forget(carving, shape, stored)
            yield from database.problems()
        if carving is not None:
            yield from _recovered(
                carving, {name: one for name, one in shapes.items() if name not in left_out}
            )
        yield from database.problems()


def _left_out(database: Database) -> set[str]:
    """Tables of SQLite itself, and those in which virtual tables keep themselves."""
    found = {name for name in database.tables if name.lower().startswith("sqlite_")}
    for name, sql in database.virtual.items():
        module = _MODULE.search(sql)
        endings = _SHADOWS.get(module[1][:3].lower(), ()) if module else ()
        found |= {f"{name}{ending}" for ending in endings} & set(database.tables)
    return found


def _shape(database: Database, name: str) -> Shape | None:
    return shape_of(name, database.described(name)) if database.has_rowid(name) else None


def _carve(artefact: Artefact, database: Database, shapes: Mapping[str, Shape]) -> Carving | None:
    """The rows that may have been deleted; those that are live are taken from them as the tables are read."""
    wal = artefact.companions.get("-wal") if database.is_wal_applied else None
    pages = open_pages(artefact, wal, database.log_frames)
    schema = shape_of("sqlite_schema", _SCHEMA)
    if pages is None or schema is None:
        return None
    carving = Carving(pages, {"sqlite_schema": schema, **shapes})
    try:
        carving.look({**database.roots, "sqlite_schema": 1})
    finally:
        pages.close()
    if carving.is_spent:
        message = f"deleted rows are looked for in {MOST_LOOKED_BYTES >> 20} MiB and up to {MOST_FOUND} rows; there may be more"
        database.tell(ProblemKind.LIMIT, "recovered", message)
    return carving


def _forget(carving: Carving | None, shape: Shape | None, stored: Stored) -> None:
    if carving is not None and shape is not None and carving.found:
        carving.forget(shape, tuple(stored.values.get(one) for one in shape.header))


def _table(database: Database, name: str, carving: Carving | None, shape: Shape | None) -> Yields:
    columns = database.tables[name][:MOST_COLUMNS]
    if len(database.tables[name]) > MOST_COLUMNS:
        database.tell(ProblemKind.LIMIT, name, f"more than {MOST_COLUMNS} columns, the rest is not read")
    lines = _lines(database, name, columns, carving, shape)
    first = next(lines, None)
    if first is not None:
        yield _sheet(name, name, columns, _batches(first, lines, len(columns)))


def _sheet(name: str, locator: str, columns: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Sheet:
    header = tabular.header_words(columns, len(columns)) if any(columns) else None
    return Sheet(
        name=name,
        locator=locator,
        width=len(columns),
        header=header,
        header_row=None,
        codec=None,
        batches=batches,
    )


def _lines(
    database: Database, name: str, columns: Sequence[str], carving: Carving | None, shape: Shape | None
) -> Iterator[tabular.Line]:
    # A column that is called rowid hides the number of the row.
    is_numbered = database.has_rowid(name) and "rowid" not in {one.lower() for one in columns}
    for count, stored in enumerate(database.rows(name, columns), 1):
        _forget(carving, shape, stored)
        rowid = stored.locator.rpartition("#")[2]
        number = int(rowid) if is_numbered and _NUMBER.fullmatch(rowid) else count
        cells = [cell_text(stored.values.get(one)) for one in columns]
        for place, cell in enumerate(cells):
            if cell is not None and len(cell) > _MOST_SIGNS:
                message = f"a value has {len(cell)} signs; those beyond {_MOST_SIGNS} are not in the row"
                database.tell(ProblemKind.LIMIT, stored.locator, message, columns[place])
                cells[place] = cell[:_MOST_SIGNS]
        yield number, cells


def _batches(first: tabular.Line, rest: Iterator[tabular.Line], width: int) -> Iterator[pa.RecordBatch]:
    """Rows in batches of bounded size; a row of nulls alone is a row."""
    pending, signs = [first], 0
    for line in rest:
        signs += sum(len(cell) for cell in line[1] if cell)
        pending.append(line)
        if len(pending) >= tabular.BATCH_ROWS or signs > _MOST_BATCH_SIGNS:
            yield tabular.batch(pending, width)
            pending, signs = [], 0
    if pending:
        yield tabular.batch(pending, width)


def _recovered(carving: Carving, shown: Mapping[str, Shape]) -> Yields:
    """Groups of rows by the tables they may be of; rows that may be of a table left out alone are left out."""
    for tables, rows in carving.groups():
        own = [name for name in tables if name in shown]
        if tables and not own:
            continue
        more = [f"{len(own) - _MOST_NAMED} more"] if len(own) > _MOST_NAMED else []
        name = f"{' or '.join([*own[:_MOST_NAMED], *more])} (recovered)" if own else "(recovered)"
        width = len(rows[0].values)
        headers = [shown[one].header for one in own if len(shown[one].header) == width]
        columns = ["/".join(dict.fromkeys(words)) for words in zip(*headers, strict=True)]
        header = [*columns, "recovered from"] if columns else [""] * (width + 1)
        sheet = _sheet(name, f"{name}, {width} columns", header, _found_batches(rows, width + 1))
        yield replace(sheet, status=Status.RECOVERED)


def _found_batches(rows: Sequence[Found], width: int) -> Iterator[pa.RecordBatch]:
    lines = ((count, [*map(cell_text, one.values), one.where]) for count, one in enumerate(rows, 1))
    yield from _batches(next(lines), lines, width)


def cell_text(value: Any) -> str | None:
    """A value as text: whole numbers without a point, a blob as text where it is one."""
    if value is None:
        return None
    if isinstance(value, bytes):
        value = blob_text(value)
    elif isinstance(value, float):
        value = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).replace("\0", "\\x00")


def blob_text(blob: bytes) -> str:
    """Text in UTF-8, or in UTF-16 with a mark or of signs of which Japanese and English are written; else `<n bytes>`."""
    if 0 < len(blob) <= 4 * _MOST_SIGNS:
        if blob[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = _decoded(blob, "utf-16")
            if text:
                return text
        text = _decoded(blob, "utf-8-sig")
        if text:
            return text
        for codec in ("utf-16-le", "utf-16-be"):
            text = _decoded(blob, codec)
            if text and _WIDE.fullmatch(text) and 4 * len(_WIDE_COMMON.findall(text)) >= len(text):
                return text
    return f"<{len(blob)} bytes>"


def _decoded(blob: bytes, codec: str) -> str | None:
    """The text, its closing zero taken away; None where it has control signs or is not of the encoding."""
    try:
        text = blob.decode(codec)
    except UnicodeDecodeError:
        return None
    text = text.removesuffix("\0")
    return None if _CONTROL.search(text) else text
