"""SQLite databases no other parser knows, from bytes: tables as sheets, deleted rows, blobs, damage, bounds."""

from __future__ import annotations

import io
import sqlite3
import struct
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders import databases as builder
from fixtures.builders.databases import PEOPLE, full_name
from parsers.contract import ProblemKind
from parsers.documents.sqlite_database import blob_text, cell_text, sqlite_database
from parsers.formats import sqlite_carving, sqlite_pages
from parsers.formats.sqlite_shapes import affinity_of, shape_of
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, flipped, mutants
from tests.sqlite_history import BARE, NUMBERED, bare, numbered, trial

FOLDER = builder.FOLDER / "sqlite_database"


def shop(*, is_logged: bool = True) -> Yielded:
    place = FOLDER / "shop" / "shop.db"
    beside = {"-wal": place.with_name("shop.db-wal")} if is_logged else {}
    return run(sqlite_database, artefact(place, **beside))


def rows(found: Yielded, name: str) -> list[tuple[Any, ...]]:
    """The rows of the sheet of this name: row_number and cells."""
    tables = [table for sheet, table in found.sheets if sheet.name == name]
    return [tuple(row.values()) for table in tables for row in table.to_pylist()]


def made(folder: Path, *statements: str, version: int = 0) -> Yielded:
    place = folder / f"{version}.db"
    with sqlite3.connect(place) as connection:
        connection.execute("PRAGMA secure_delete=OFF").fetchall()
        for one in statements:
            connection.execute(one)
    connection.close()
    return run(sqlite_database, artefact(place))


def test_every_filled_table_is_a_sheet_and_what_keeps_an_index_is_none() -> None:
    found = shop()
    names = [sheet.name for sheet, _ in found.sheets]
    assert names == ["customers", "visits", "codes", "memo_content", "customers (recovered)", "(recovered)"]
    assert [str(one.status) for one, _ in found.sheets] == ["ok"] * 4 + ["recovered"] * 2
    assert found.sheets[0][0].header == ("id", "氏名", "住所", "電話番号", "購入額")
    assert found.problems == []


def test_the_log_is_applied() -> None:
    with_log, without = (rows(shop(is_logged=one), "customers") for one in (True, False))
    one = PEOPLE[30]
    added = (301, "301", full_name(one), one.address, "-".join(one.phone), "301150.5")
    assert added in with_log and added not in without
    assert [row[0] for row in with_log] == [*(n for n in range(201, 231) if n not in (203, 206, 210)), 301]
    assert [row[0] for row in without] == [n for n in range(201, 231) if n not in (203, 206)]
    assert [row[4] for row in with_log if row[0] == 211] == ["000"]


def test_deleted_and_changed_rows_are_found_again() -> None:
    found = {row[2]: row[1:] for row in rows(shop(), "customers (recovered)")}
    third, sixth, tenth, eleventh = (PEOPLE[one] for one in (2, 5, 9, 10))
    assert set(found) == {full_name(one) for one in (third, sixth, tenth, eleventh)}
    # A free block overwrites the number of a row; what the log replaced is whole.
    assert found[full_name(third)][:3] == (None, full_name(third), third.address)
    assert found[full_name(third)][3:5] == ("-".join(third.phone), "203101.5")
    assert "free block" in found[full_name(sixth)][5]
    assert found[full_name(tenth)][0] == "210"
    assert "before the log" in found[full_name(tenth)][5]
    assert found[full_name(eleventh)][3] == "-".join(eleventh.phone)


def test_rows_of_a_dropped_table_stand_apart_without_header() -> None:
    found = shop()
    (sheet,) = [sheet for sheet, _ in found.sheets if sheet.name == "(recovered)"]
    assert (sheet.header, sheet.width) == (None, 4)
    told = {row[1:4] for row in rows(found, "(recovered)")}
    every = {(full_name(one), one.email, str(age)) for age, one in enumerate(PEOPLE, 20)}
    assert told <= every and len(told) >= 15


def test_nothing_is_found_again_where_nothing_was_deleted() -> None:
    found = run(sqlite_database, artefact(FOLDER / "plain" / "notes.sqlite"))
    assert [sheet.name for sheet, _ in found.sheets] == ["customers", "visits"]
    assert rows(found, "visits") == [(1, "1.5", "2")]


def test_values_of_every_kind_are_text() -> None:
    assert rows(shop(), "visits") == [
        (1, "-5", "来店\r\n二度目"),
        (2, "soon", "書類"),
        (3, "4611686018427387904", "資料あり"),
        (4, None, "<16 bytes>"),
        (5, None, None),
    ]
    assert (cell_text(-1.5), cell_text(9012345678.0), cell_text("a\0b")) == ("-1.5", "9012345678", "a\\x00b")


@pytest.mark.parametrize(
    ("blob", "told"),
    [
        ("名簿".encode(), "名簿"),
        (b"plain\0", "plain"),
        ("名簿".encode("utf-16"), "名簿"),
        ("Taro 太郎".encode("utf-16-be"), "Taro 太郎"),
        (b"", "<0 bytes>"),
        (bytes.fromhex("00112233445566778899aabbccddeeff"), "<16 bytes>"),
        (b"\x08\x96\x01", "<3 bytes>"),
        # Kanji alone without a mark look like any bytes.
        ("東京".encode("utf-16-le"), "<4 bytes>"),
    ],
)
def test_a_blob_is_text_only_where_it_is_one(blob: bytes, told: str) -> None:
    assert blob_text(blob) == told


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("schema", "make", "pragmas", "is_logged"),
    [
        (NUMBERED, numbered, (), False),
        (NUMBERED, numbered, ("page_size=1024",), True),
        (NUMBERED, numbered, ('encoding="UTF-16le"',), False),
        (BARE, bare, (), False),
        (BARE, bare, ("page_size=512", 'encoding="UTF-16be"'), True),
        (BARE, bare, ("page_size=65536",), False),
    ],
)
def test_what_is_found_again_once_stood_there_and_does_no_more(  # noqa: PLR0913
    tmp_path: Path, seed: int, schema: str, make: Any, pragmas: tuple[str, ...], *, is_logged: bool
) -> None:
    told = trial(tmp_path, seed, schema, make, pragmas=pragmas, is_logged=is_logged, rows=500)
    assert told.wrong == []
    assert told.found + told.without_number >= told.gone * 0.1


def test_what_was_wiped_is_not_found(tmp_path: Path) -> None:
    told = trial(tmp_path, 1, NUMBERED, numbered, pragmas=("secure_delete=ON",))
    assert (told.found, told.without_number, told.wrong) == (0, 0, [])


def test_a_row_that_fits_two_tables_is_given_to_both(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        "CREATE TABLE a (氏名 TEXT, mail TEXT)",
        "CREATE TABLE b (member TEXT, mail TEXT)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) "
        "INSERT INTO a SELECT '佐藤 花子' || i, 'a' || i || '@mail.example' FROM n",
        "DELETE FROM a",
    )
    (sheet,) = [sheet for sheet, _ in found.sheets if sheet.name == "a or b (recovered)"]
    assert sheet.header == ("氏名/member", "mail", "recovered from")
    told = {row[1:3] for row in rows(found, sheet.name) + rows(found, "a (recovered)")}
    assert len(told) > 300
    assert told <= {(f"佐藤 花子{one}", f"a{one}@mail.example") for one in range(1, 401)}


def test_of_many_tables_that_fit_some_are_named(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        *(f"CREATE TABLE t{number} (name TEXT, mail TEXT)" for number in range(5)),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) "
        "INSERT INTO t0 SELECT '佐藤 花子' || i, 'a' || i || '@mail.example' FROM n",
        "DELETE FROM t0",
    )
    assert "t0 or t1 or t2 or 2 more (recovered)" in [sheet.name for sheet, _ in found.sheets]


def test_damage_makes_no_rows_of_chance_and_ends(tmp_path: Path) -> None:
    place = FOLDER / "shop" / "shop.db"
    content, log = place.read_bytes(), place.with_name("shop.db-wal").read_bytes()
    (tmp_path / "log").write_bytes(log)
    whole = shop()
    most = sum(table.num_rows for _, table in whole.sheets)
    for number, damaged in enumerate([*cuts(content), *mutants(content, 5, 60), *flipped(content, 60)]):
        (tmp_path / "damaged").write_bytes(damaged)
        beside = {"-wal": tmp_path / "log"} if number % 2 else {}
        found = run(sqlite_database, artefact(tmp_path / "damaged", **beside))
        assert sum(table.num_rows for _, table in found.sheets) <= 2 * most
    for damaged in [*cuts(log), *mutants(log, 7, 60)]:
        (tmp_path / "log").write_bytes(damaged)
        found = run(sqlite_database, artefact(place, **{"-wal": tmp_path / "log"}))
        assert 26 <= len(rows(found, "customers")) <= 30


def test_rows_from_before_a_column_was_added(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        "CREATE TABLE a (name TEXT, mail TEXT)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) "
        "INSERT INTO a SELECT '佐藤 花子' || i, 'a' || i || '@mail.example' FROM n",
        "ALTER TABLE a ADD COLUMN kind TEXT DEFAULT 'it''s new'",
        "DELETE FROM a WHERE rowid > 200",
    )
    told = rows(found, "a (recovered)")
    assert told and {row[3] for row in told} == {"it's new"}


def test_affinities_and_shapes() -> None:
    declared = ("BIGINT", "VARCHAR(9)", "", "DOUBLE", "DATETIME", "CHARINT", "FLOATING POINT")
    assert [affinity_of(one) for one in declared] == ["INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC", "INTEGER", "INTEGER"]  # fmt: skip
    shape = shape_of("t", [(0, "id", "INTEGER", 0, None, 1, 0), (1, "n", "TEXT", 1, None, 0, 0)])
    assert shape is not None and shape.alias == 0
    assert [shape.fits(one) for one in ([0, 17], [0, 0], [1, 17], [0, 18], [0, 1], [0], [0, 17, 0])] == [
        True, False, False, False, False, True, False,
    ]  # fmt: skip


def test_a_tree_of_circles_ends() -> None:
    """An interior page that names itself, and a freelist that does."""
    content = bytearray(4096 * 3)
    content[:100] = b"SQLite format 3\0" + struct.pack(">HBBBBBB", 4096, 1, 1, 0, 64, 32, 32) + bytes(76)
    struct.pack_into(">I", content, 32, 3)
    content[4096] = 0x05
    struct.pack_into(">HHHBI", content, 4097, 0, 2, 4000, 0, 2)
    struct.pack_into(">HH", content, 4096 + 12, 100, 4094)
    struct.pack_into(">I", content, 4096 + 100, 2)
    struct.pack_into(">III", content, 8192, 3, 1 << 30, 3)
    opened = sqlite_pages.open_pages(_Bytes(bytes(content)), None, None)
    assert opened is not None
    assert list(opened.tree(2)) == []
    assert [(number, front) for number, _, front in opened.free()] == [(3, 4096)]


class _Bytes:
    """Bytes as an artefact without a file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def head(self, size: int = 4096) -> bytes:
        return self._content[:size]

    def open(self) -> Any:
        return io.BytesIO(self._content)


def test_what_takes_too_long_to_look_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_carving, "MOST_LOOKED_BYTES", 500)
    told = shop().problems
    assert [one.kind for one in told] == [ProblemKind.LIMIT]


def test_a_value_without_end_is_cut_and_told(tmp_path: Path) -> None:
    found = made(tmp_path, "CREATE TABLE a (b)", "INSERT INTO a VALUES (printf('%.*c', 2000000, 'x'))")
    assert [len(row[1]) for row in rows(found, "a")] == [1 << 20]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.LIMIT, "b")]


def test_an_encrypted_database_is_none(tmp_path: Path) -> None:
    found = run(sqlite_database, from_bytes(bytes(range(256)) * 16, tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]


def test_a_column_named_rowid_does_not_number_the_rows(tmp_path: Path) -> None:
    found = made(tmp_path, "CREATE TABLE a (rowid TEXT, b)", "INSERT INTO a VALUES ('x', 7), ('x', 8)")
    assert rows(found, "a") == [(1, "x", "7"), (2, "x", "8")]
