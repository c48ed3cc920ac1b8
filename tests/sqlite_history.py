"""Databases whose rows are added, changed and deleted by chance from a seed, with every row that ever stood in them."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parsers.documents.sqlite_database import cell_text, sqlite_database
from tests.artefacts import artefact, run

Row = tuple[Any, ...]
NAMES = ("佐藤", "鈴木", "高橋", "田中")
NUMBERED = "CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT, c TEXT NOT NULL, d REAL, e INT)"
BARE = "CREATE TABLE t (a TEXT, b VARCHAR(20), c, d NUMERIC)"


def numbered(chance: random.Random) -> Row:
    """A row of the first table."""
    phone = f"090-{chance.randrange(9999):04}-{chance.randrange(9999):04}"
    name = f"{chance.choice(NAMES)} {chance.randrange(10**6)}"
    return None, name, phone, chance.choice([None, chance.random(), 5.0]), chance.randrange(10**9)


def bare(chance: random.Random) -> Row:
    """A row of the second table, which has no column for its number."""
    name = chance.choice(NAMES) + "x" * chance.randrange(30)
    return name, str(chance.random()), chance.choice([b"abc", None, "x"]), chance.randrange(-5, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What was found of what is gone; `wrong` are rows that never stood there or are live."""

    gone: int
    found: int
    without_number: int
    wrong: list[tuple[Any, ...]]


def trial(  # noqa: PLR0913
    folder: Path,
    seed: int,
    schema: str,
    make: Callable[[random.Random], Row],
    *,
    pragmas: Sequence[str] = (),
    is_logged: bool = False,
    rows: int = 600,
) -> Recovered:
    """A database with a history, read."""
    chance = random.Random(seed)
    place = folder / f"{seed}.db"
    connection = sqlite3.connect(place, isolation_level=None)
    for pragma in ("secure_delete=OFF", *pragmas):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute(schema)
    if is_logged:
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute("PRAGMA wal_autocheckpoint=0").fetchall()
    ever = _changed(connection, chance, make, rows)
    live = {_told(one) for one in connection.execute("SELECT * FROM t")}
    copy = shutil.copy(place, place.with_suffix(".copy"))
    log = shutil.copy(f"{place}-wal", place.with_suffix(".log")) if is_logged else None
    connection.close()
    return _compare(artefact(Path(copy), **({"-wal": Path(log)} if log else {})), ever, live)


def _changed(
    connection: sqlite3.Connection, chance: random.Random, make: Callable[[random.Random], Row], rows: int
) -> set[Row]:
    ever: set[Row] = set()

    def add() -> None:
        values = make(chance)
        marks = ",".join("?" * len(values))
        connection.execute(f"INSERT INTO t VALUES ({marks})", values)

    for _ in range(rows):
        add()
    ever |= set(connection.execute("SELECT * FROM t"))
    if chance.random() < 0.3:
        connection.execute("DELETE FROM t WHERE rowid BETWEEN 100 AND 400")
    for _ in range(chance.randrange(5, 120)):
        key = chance.choice([one for (one,) in connection.execute("SELECT rowid FROM t")])
        if chance.random() < 0.6:
            connection.execute("DELETE FROM t WHERE rowid = ?", (key,))
        elif chance.random() < 0.5:
            add()
        else:
            connection.execute("UPDATE t SET b = ? WHERE rowid = ?", (make(chance)[1], key))
        ever |= set(connection.execute("SELECT * FROM t"))
    return {_told(one) for one in ever}


def _told(row: Row) -> Row:
    return tuple(cell_text(one) for one in row)


def _compare(given: Any, ever: set[Row], live: set[Row]) -> Recovered:
    bare_rows = {(None, *one[1:]) for one in ever}
    found, count, wrong = set(), 0, []
    for sheet, table in run(sqlite_database, given).sheets:
        if "(recovered)" not in sheet.name:
            continue
        for stored in table.to_pylist():
            *values, where = list(stored.values())[1:]
            row = tuple(values)
            if row in ever - live:
                found.add(row)
            elif "number of the row lost" in str(where) and row in bare_rows:
                count += 1
            else:
                wrong.append((sheet.name, row, where))
    return Recovered(gone=len(ever - live), found=len(found), without_number=count, wrong=wrong)
