"""SQLite databases of evidence: the log applied on a copy, hostile schemas not run, damage told and the rest read."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from parsers.contract import Problem, ProblemKind, Status
from parsers.formats import sqlite as reader
from parsers.formats.sqlite import Stored, open_database
from tests.artefacts import FileArtefact, artefact, from_bytes


def made(place: Path, *statements: str | tuple[str, Sequence[Any]]) -> bytes:
    place.unlink(missing_ok=True)
    connection = sqlite3.connect(place)
    for one in statements:
        connection.execute(*((one,) if isinstance(one, str) else one))
    connection.commit()
    connection.close()
    return place.read_bytes()


def many(place: Path, count: int = 500) -> bytes:
    rows = [("INSERT INTO t VALUES (?, ?)", (number, f"行{number}" * 20)) for number in range(1, count + 1)]
    return made(place, "PRAGMA page_size=1024", "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", *rows)


def read(
    given: FileArtefact, table: str = "t", columns: Sequence[str] = ("a", "b")
) -> tuple[list[Stored], list[Problem]]:
    with open_database(given) as database:
        rows = list(database.rows(table, columns)) if database.is_open else []
        return rows, list(database.problems())


def logged(folder: Path) -> FileArtefact:
    """A database whose second row stands in its log alone."""
    place = folder / "live"
    connection = sqlite3.connect(place, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    connection.execute("INSERT INTO t VALUES (1, 'one')")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute("INSERT INTO t VALUES (2, 'two')")
    connection.execute("INSERT INTO t VALUES (3, 'three')")
    for name in ("live", "live-wal"):
        (folder / f"kept{name[4:]}").write_bytes((folder / name).read_bytes())
    connection.close()
    return artefact(folder / "kept", **{"-wal": folder / "kept-wal"})


def test_the_log_is_applied_on_a_copy_and_the_evidence_is_left_as_it_is(tmp_path: Path) -> None:
    given = logged(tmp_path)
    before = {one.name: one.read_bytes() for one in tmp_path.glob("kept*")}
    rows, problems = read(given)
    assert [(one.locator, one.values["b"]) for one in rows] == [
        ("t#1", "one"),
        ("t#2", "two"),
        ("t#3", "three"),
    ]
    assert problems == []
    assert {one.name: one.read_bytes() for one in tmp_path.glob("kept*")} == before
    assert [one.values["b"] for one in read(artefact(given.file))[0]] == ["one"]


def test_a_damaged_log_is_applied_as_far_as_it_holds_and_told(tmp_path: Path) -> None:
    given = logged(tmp_path)
    place = tmp_path / "kept-wal"
    content = bytearray(place.read_bytes())
    content[-100] ^= 1
    place.write_bytes(content)
    rows, problems = read(given)
    assert [one.values["a"] for one in rows] == [1, 2]
    assert {one.status for one in rows} == {Status.PARTIAL}
    assert [(one.kind, one.locator) for one in problems] == [(ProblemKind.DAMAGED, "-wal")]
    content[5] ^= 1
    place.write_bytes(content)
    rows, problems = read(given)
    assert [one.values["a"] for one in rows] == [1]
    assert [(one.kind, one.locator) for one in problems] == [(ProblemKind.DAMAGED, "-wal")]
    place.write_bytes(b"")
    assert read(given)[1] == []


def test_a_rollback_journal_is_told_and_never_applied(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("keep")
    many(tmp_path / "x", 3)
    (tmp_path / "x-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504))
    rows, problems = read(artefact(tmp_path / "x", **{"-journal": tmp_path / "x-journal"}))
    assert len(rows) == 3
    assert [one.kind for one in problems] == [ProblemKind.AMBIGUOUS]
    assert victim.read_text() == "keep"


def test_views_and_virtual_tables_are_not_tables(tmp_path: Path) -> None:
    made(
        tmp_path / "x",
        "CREATE TABLE kept (a)",
        "CREATE VIEW t AS WITH RECURSIVE c(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM c) SELECT a, a AS b FROM c",
        "CREATE VIRTUAL TABLE v USING fts5(a, b)",
    )
    with open_database(artefact(tmp_path / "x")) as database:
        assert database.has("kept")
        assert not database.has("t")
        assert not database.has("v")
        assert list(database.rows("t", ("a",))) == []


def test_reading_ends_when_the_budget_of_steps_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_MOST_STEPS", 20_000)
    many(tmp_path / "x", 20_000)
    rows, problems = read(artefact(tmp_path / "x"))
    assert 0 < len(rows) < 20_000
    assert ProblemKind.LIMIT in [one.kind for one in problems]


def test_hostile_names_are_names(tmp_path: Path) -> None:
    made(tmp_path / "x", 'CREATE TABLE "t""; DROP TABLE t;--" ("a b" TEXT, rowid TEXT)', ("INSERT INTO \"t\"\"; DROP TABLE t;--\" VALUES ('x', '0) OR 1=1')", ()))  # fmt: skip
    rows, problems = read(artefact(tmp_path / "x"), 't"; DROP TABLE t;--', ("a b",))
    assert ([one.values for one in rows], problems) == ([{"a b": "x"}], [])


def test_text_that_is_no_utf8_is_kept(tmp_path: Path) -> None:
    made(tmp_path / "x", "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, CAST(x'8365ff' AS TEXT))")
    assert read(artefact(tmp_path / "x"))[0][0].values["b"] == "\\x83e\\xff"


def test_rows_on_both_sides_of_a_damaged_page_are_read(tmp_path: Path) -> None:
    content = many(tmp_path / "x")
    place = content.index("行250".encode()) // 1024 * 1024
    rows, problems = read(from_bytes(content[:place] + b"\xff" * 1024 + content[place + 1024 :], tmp_path))
    numbers = [one.values["a"] for one in rows]
    assert 480 < len(numbers) < 500
    assert (min(numbers), max(numbers), len(set(numbers))) == (1, 500, len(numbers))
    assert [one.kind for one in problems] == [ProblemKind.DAMAGED]
    assert rows[-1].status is Status.PARTIAL


@pytest.mark.parametrize("share", [1, 20, 50, 80, 99])
def test_a_cut_database_is_told(share: int, tmp_path: Path) -> None:
    content = many(tmp_path / "x")
    rows, problems = read(from_bytes(content[: len(content) * share // 100], tmp_path))
    assert len(rows) <= 500
    assert problems[0].kind is ProblemKind.TRUNCATED
    assert {one.status for one in rows} <= {Status.PARTIAL}


def test_other_files_are_none(tmp_path: Path) -> None:
    for content in (b"", b"MZ", b"SQLite format 3", b"\0" * 4096):
        rows, problems = read(from_bytes(content, tmp_path))
        assert (rows, [one.kind for one in problems]) == ([], [ProblemKind.UNRECOGNISED])
    assert read(from_bytes(b"SQLite format 3\0" + bytes(50), tmp_path))[1]


def test_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = many(tmp_path / "x", 200)
    given = logged(tmp_path)
    log = (tmp_path / "kept-wal").read_bytes()
    for seed in range(80):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 5, 50))):
            changed[chance.randrange(16, len(changed))] = chance.randrange(256)
        rows, problems = read(from_bytes(bytes(changed), tmp_path))
        assert len(rows) <= 400
        changed = bytearray(log)
        for _ in range(chance.choice((1, 5))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        (tmp_path / "kept-wal").write_bytes(changed)
        rows, problems = read(given)
        assert [one.values["a"] for one in rows] == [1, 2, 3] or problems, f"seed {seed}"
