"""SQLite databases of evidence: opened on a private copy with the write-ahead log applied, damage told, the rest read.

Nothing here raises for what stands in a database. It is read from a copy in a folder of its own, by name of table and
columns, with a budget of steps; views, virtual tables, extensions and functions its schema names are not used. What
cannot be read becomes a problem that waits until `Database.problems` is asked for it.

A rollback journal is never applied, for it can name other files for SQLite to delete; that one lies beside the
database is told. SQLite keeps no checksums over its pages: a changed byte can change a value unseen.

Not read: deleted rows in free pages, earlier states in the write-ahead log, rollback journals, encrypted databases.

References:
    - SQLite, "Database File Format" (cited as [SQLITE]): 1.3 the header, 3 the rollback journal, 4 the write-ahead log
    - SQLite, "Defense Against The Dark Arts"
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import struct
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parsers.contract import Artefact, Problem, ProblemKind, Status

SIGNATURE = b"SQLite format 3\0"
COMPANION_SUFFIXES = ("-wal", "-journal")
MOST_ROWS = 5_000_000
_STEPS = 10_000
# Steps of SQLite's machine for one statement: reading a row of 30 columns takes about 40.
_MOST_STEPS = 2_000_000_000
_MOST_VALUE_BYTES = 64 << 20
_MOST_CHECKED_WAL_BYTES = 64 << 20
_HEADER_BYTES = 100
# [SQLITE] 4.1: magic, version, page size, checkpoint, two salts, two checksums; frames of 24 bytes and a page.
_WAL_HEADER, _FRAME_BYTES = struct.Struct(">8I"), 24
_WAL_MAGICS = {0x377F0682: "<", 0x377F0683: ">"}
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
# A message of SQLite may quote bytes of the schema that are no UTF-8, which the sqlite3 module cannot tell.
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError, MemoryError, OverflowError)
_WITHOUT_ROWID = re.compile(r"\)[^)]*\bWITHOUT\s+ROWID\b[^)]*\Z", re.IGNORECASE)
_PRAGMAS = ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY", "query_only=ON")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One row: where it stands (table and rowid, or place in the order where it has none), its values by column, how it was read."""

    locator: str
    values: dict[str, Any]
    status: Status


@dataclass(slots=True, kw_only=True)
class Database:
    """An opened database, or what is left of it; `is_open` is false where nothing can be read."""

    is_open: bool = False
    is_partial: bool = False
    is_wal_applied: bool = False
    # Frames of the log whose checksums hold; None where the log is too long to be checked, or is not applied.
    log_frames: int | None = None
    roots: dict[str, int] = field(default_factory=dict)
    virtual: dict[str, str] = field(default_factory=dict)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _folder: Any = field(default=None, repr=False)
    _connection: Any = field(default=None, repr=False)
    _without_rowid: set[str] = field(default_factory=set)
    _steps: int = 0
    _waiting: list[Problem] = field(default_factory=list, repr=False)

    def __enter__(self) -> Database:
        """The database, to be closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it and remove the copy."""
        self.is_open = False
        if self._connection is not None:
            self._connection.close()
        if self._folder is not None:
            self._folder.cleanup()

    def problems(self) -> Iterator[Problem]:
        """Problems met since this was last asked, in the order they were met."""
        met, self._waiting = self._waiting, []
        yield from met

    def tell(self, kind: ProblemKind, locator: str, message: str, column: str | None = None) -> None:
        """Keep a problem until it is asked for."""
        self._waiting.append(Problem(kind=kind, locator=locator, message=message, column=column))

    def has(self, table: str) -> bool:
        """Whether the database has a table of this name (no view)."""
        return table in self.tables

    def has_rowid(self, table: str) -> bool:
        """Whether the rows of a table have numbers of their own."""
        return table not in self._without_rowid

    def described(self, table: str) -> list[tuple[Any, ...]]:
        """Columns of a table as `table_xinfo` tells them: place, name, type, is not null, default, place in the key, kind."""
        self._steps = 0
        try:
            return list(self._connection.execute(f"PRAGMA table_xinfo({_quoted(table)})"))
        except _UNREADABLE as error:
            self.tell(ProblemKind.DAMAGED, table, f"the columns cannot be read: {error}")
            return []

    def rows(
        self, table: str, columns: Sequence[str], *, order: Sequence[str] = (), most: int = MOST_ROWS
    ) -> Iterator[Stored]:
        """Rows of a table with the columns it has of those asked for, by rowid or in the order of some columns.

        Where a page is damaged, the rows before it come first; of rows by rowid then those behind it, from the end
        backwards.
        """
        known = [one for one in columns if one in self.tables.get(table, ())]
        by = [one for one in order if one in known]
        if not known:
            return
        key = "NULL" if table in self._without_rowid else "rowid"
        listed = ", ".join(_quoted(one) for one in known)
        select = f"SELECT {key}, {listed} FROM {_quoted(table)}"  # noqa: S608  names are quoted
        sorting = ", ".join(_quoted(one) for one in by) or (key if key == "rowid" else "1")
        last: int | None = None
        count = 0
        failed: str | None = None
        for stored in self._read(f"{select} ORDER BY {sorting}", table):
            if isinstance(stored, str):
                failed = stored
                break
            if count == most:
                self.tell(ProblemKind.LIMIT, table, f"more than {most} rows, the rest is not read")
                return
            count, last = count + 1, stored[0]
            yield self._row(table, known, stored, count)
        if failed is None:
            return
        self.is_partial = True
        if by or key != "rowid":
            self.tell(
                ProblemKind.DAMAGED, table, f"{failed} after {count} rows; what stands behind is not read"
            )
            return
        self.tell(
            ProblemKind.DAMAGED,
            table,
            f"{failed} after {count} rows; what stands behind is read from the end",
        )
        behind = f"{select} WHERE rowid > ? ORDER BY rowid DESC"
        for stored in self._read(behind, table, -(1 << 63) if last is None else last):
            if isinstance(stored, str) or count == most:
                return
            count += 1
            yield self._row(table, known, stored, count)

    def _row(self, table: str, known: Sequence[str], stored: tuple[Any, ...], count: int) -> Stored:
        return Stored(
            locator=f"{table} row {count}" if stored[0] is None else f"{table}#{stored[0]}",
            values=dict(zip(known, stored[1:], strict=True)),
            status=Status.PARTIAL if self.is_partial else Status.OK,
        )

    def _read(self, statement: str, table: str, *values: Any) -> Iterator[tuple[Any, ...] | str]:
        """Rows of a statement, at the end a text where it broke off."""
        self._steps = 0
        try:
            yield from self._connection.execute(statement, values)
        except _UNREADABLE as error:
            if self._steps > _MOST_STEPS:
                self.tell(
                    ProblemKind.LIMIT,
                    table,
                    "reading takes more steps than a whole database of its kind would",
                )
            yield str(error) or type(error).__name__

    def count_steps(self) -> bool:
        """Called by SQLite every so many steps; true breaks the statement off."""
        self._steps += _STEPS
        return self._steps > _MOST_STEPS


def open_database(artefact: Artefact) -> Database:
    """The database of an artefact, on a private copy with its write-ahead log; what is wrong waits as problems."""
    database = Database()
    header = artefact.head(_HEADER_BYTES)
    if not header.startswith(SIGNATURE):
        what = "the file is empty" if not header else f"no SQLite database: it begins with {header[:16]!r}"
        database.tell(ProblemKind.UNRECOGNISED, "0", what)
        return database
    _check_size(database, header, artefact.size)
    journal, wal = artefact.companions.get("-journal"), artefact.companions.get("-wal")
    if journal is not None and journal.head(8) == _JOURNAL_MAGIC:
        message = (
            "a rollback journal lies beside it and is not applied: what a broken-off change wrote may be here"
        )
        database.tell(ProblemKind.AMBIGUOUS, "-journal", message)
        database.is_partial = True
    database._folder = tempfile.TemporaryDirectory(prefix="sqlite-")
    copy = Path(database._folder.name) / "database"
    _copy(artefact, copy)
    has_wal = wal is not None and wal.size > 0 and _check_wal(database, wal)
    if wal is not None and has_wal:
        _copy(wal, copy.with_name("database-wal"))
    try:
        _connect(database, copy, has_wal=has_wal)
    except _UNREADABLE as error:
        database.tell(ProblemKind.DAMAGED, "0", f"the schema cannot be read: {error}")
    return database


def _connect(database: Database, copy: Path, *, has_wal: bool) -> None:
    mode = "mode=rw" if has_wal else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"{copy.as_uri()}?{mode}", uri=True, isolation_level=None)
    database._connection = connection
    connection.text_factory = _text
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_progress_handler(database.count_steps, _STEPS)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    names = connection.execute(
        "SELECT name, sql, rootpage FROM sqlite_schema WHERE type = 'table'"
    ).fetchall()
    for name, sql, root in names:
        is_virtual = isinstance(sql, str) and " ".join(sql.upper().split()[:2]) == "CREATE VIRTUAL"
        if isinstance(name, str) and is_virtual:
            database.virtual[name] = sql
        if isinstance(name, str) and not is_virtual:
            database.roots[name] = root if isinstance(root, int) else 0
            described = connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
            database.tables[name] = tuple(str(one[1]) for one in described)
            if isinstance(sql, str) and _WITHOUT_ROWID.search(sql):
                database._without_rowid.add(name)
    database.is_open = True
    database.is_wal_applied = has_wal


def _check_size(database: Database, header: bytes, size: int) -> None:
    """[SQLITE] 1.3: the page size at 16; the count of pages at 28 holds where the numbers at 24 and 92 are the same."""
    if len(header) < _HEADER_BYTES:
        database.tell(
            ProblemKind.TRUNCATED, str(size), f"the header has {_HEADER_BYTES} bytes, the file {size}"
        )
        database.is_partial = True
        return
    stored = int.from_bytes(header[16:18], "big")
    page_size = 65536 if stored == 1 else stored
    changes, pages = struct.unpack_from(">II", header, 24)
    (valid_for,) = struct.unpack_from(">I", header, 92)
    wanted = pages * page_size if changes == valid_for else 0
    if page_size and (size < wanted or size % page_size):
        message = (
            f"the file has {size} bytes, its header tells {wanted or 'whole pages'}: what lay behind is lost"
        )
        database.tell(ProblemKind.TRUNCATED, str(size), message)
        database.is_partial = True


def _check_wal(database: Database, wal: Artefact) -> bool:
    """Whether a write-ahead log can be applied; SQLite passes over one whose checksums do not hold in silence."""
    with wal.open() as stream:
        head = stream.read(_WAL_HEADER.size)
        if len(head) < _WAL_HEADER.size or int.from_bytes(head[:4], "big") not in _WAL_MAGICS:
            database.tell(ProblemKind.DAMAGED, "-wal", "the write-ahead log has no header and is not applied")
            database.is_partial = True
            return False
        magic, _, page_size, _, *salts_and_sums = _WAL_HEADER.unpack(head)
        order, salts = _WAL_MAGICS[magic], tuple(salts_and_sums[:2])
        sums = _checksum(head[:24], (0, 0), order)
        if sums != tuple(salts_and_sums[2:]):
            database.tell(
                ProblemKind.DAMAGED,
                "-wal",
                "the header of the write-ahead log does not hold; it is not applied",
            )
            database.is_partial = True
            return False
        if wal.size > _MOST_CHECKED_WAL_BYTES:
            return True
        frames = 0
        while frame := stream.read(_FRAME_BYTES + page_size):
            # Frames with other salts are left from before the log was begun anew.
            if len(frame) >= 16 and struct.unpack_from(">II", frame, 8) != salts:
                break
            sums = _checksum(frame[:8] + frame[_FRAME_BYTES:], sums, order)
            if len(frame) < _FRAME_BYTES + page_size or struct.unpack_from(">II", frame, 16) != sums:
                place = _WAL_HEADER.size + frames * (_FRAME_BYTES + page_size)
                message = f"frame {frames + 1} of the write-ahead log at {place} does not hold; it and what follows is not applied"
                database.tell(ProblemKind.DAMAGED, "-wal", message)
                database.is_partial = True
                break
            frames += 1
    database.log_frames = frames
    return True


def _checksum(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """[SQLITE] 4.2: two running sums over pairs of 32-bit words."""
    words = array("I", content[: len(content) // 8 * 8])
    if order == ">":
        words.byteswap()
    first, second = sums
    for place in range(0, len(words), 2):
        first = (first + words[place] + second) & 0xFFFFFFFF
        second = (second + words[place + 1] + first) & 0xFFFFFFFF
    return first, second


def _copy(artefact: Artefact, place: Path) -> None:
    with artefact.open() as source, place.open("wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(raw: bytes) -> str:
    r"""Text; bytes that are no UTF-8 stand as `\xNN`."""
    return raw.decode("utf-8", "backslashreplace")
