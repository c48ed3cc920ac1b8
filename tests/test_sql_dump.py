"""SQL dumps: the literals of each dialect, tables that come interleaved, and what damage costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.structured import FOLDER, LISTED, scenarios
from parsers.contract import ProblemKind
from parsers.documents.sql_dump import sql_dump
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import mutants


def fixture(name: str) -> Yielded:
    one = scenarios()["sql_dump"][name]
    return run(sql_dump, artefact(FOLDER / "sql_dump" / name / one.artefact, one.path))


def rows(found: Yielded, name: str) -> list[tuple[object, ...]]:
    [table] = [stored for sheet, stored in found.sheets if sheet.name == name]
    return [tuple(row.values())[1:] for row in table.to_pylist()]


def read(content: str | bytes, folder: Path) -> Yielded:
    return run(
        sql_dump, from_bytes(content if isinstance(content, bytes) else content.encode(), folder, "a.sql")
    )


def test_mysql_rows_of_two_tables_with_comments_as_headers() -> None:
    found = fixture("mysql")
    assert found.problems == []
    assert [(sheet.name, sheet.header) for sheet, _ in found.sheets] == [
        ("members", ("id", "氏名", "tel", "email", "備考", "bin")),
        ("logs", ("at", "what")),
    ]
    names = [f"{one.surname} {one.given}" for one in LISTED]
    phones = ["-".join(one.phone) for one in LISTED]
    assert rows(found, "members") == [
        ("1", names[0], phones[0], LISTED[0].email, None, "0xE38182"),
        ("2", names[1], phones[1], LISTED[1].email, "it's\n\\ 'x'", "0xE38182"),
        ("3", names[2], phones[2], LISTED[2].email, "", "0xE38182"),
        ("9", "最後", None, None, None, None),
    ]
    assert rows(found, "logs") == [("2026-04-01 09:00:00", "login")]
    assert "UPDATE members SET tel='03-0000-0009' WHERE id=9;" in found.texts[0].content


def test_postgres_copy_and_strings() -> None:
    found = fixture("postgres")
    assert found.problems == []
    [(sheet, _)] = found.sheets
    assert (sheet.name, sheet.header, sheet.codec) == ("public.users", ("id", "氏名", "mail"), "euc_jp")
    assert rows(found, "public.users")[0] == ("1", f"{LISTED[0].surname}\t{LISTED[0].given}", LISTED[0].email)
    assert rows(found, "public.users")[3:] == [
        ("4", None, "a\\b"),
        ("5", "a\n'b", "it's"),
        ("6", "d'ollar", "\\"),
    ]


def test_sql_server_and_oracle() -> None:
    found = fixture("sql-server")
    assert found.problems == []
    assert rows(found, "dbo.顧客")[2] == (
        "3",
        f"{LISTED[2].surname} {LISTED[2].given}",
        "2026-04-03T00:00:00.000",
    )
    assert rows(found, "T") == [("2026-04-01", "a\nb")]


def test_damage_keeps_rows_and_is_told() -> None:
    found = fixture("broken")
    assert rows(found, "t") == [("1", "abc, "), ("2", "x"), ("3", "表"), ("8", None)]
    assert rows(found, "u") == [("6", "ok"), ("7", "open")]
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:1"),
        (ProblemKind.TRUNCATED, "line:3"),
        (ProblemKind.TRUNCATED, "line:4"),
    ]
    assert found.sheets[0][0].header is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NULL", None), ("null", None), ("'NULL'", "NULL"), ("''", ""), ("'a''b'", "a'b"), ("-1.5e+3", "-1.5e+3"), ("TRUE", "TRUE"),
        ("0xFF", "0xFF"), ("x'0a'", "x'0a'"), ("q'{it's}'", "it's"), ("'2026-04-01'::date", "2026-04-01"), ("$x$a'b$x$", "a'b"),
        ("TO_DATE('2026/04/01','YYYY/MM/DD')", "2026/04/01"), ("'a' || 'b'", "ab"), ("N'日本'+N'語'", "日本語"), ("'a)(,b'", "a)(,b"),
        ("'a\nb'", "a\nb"), ("/* it's */ 5", "5"), ("SYSDATE", "SYSDATE"), ("nextval('s'::regclass)", "s"), ("(1)", "(1)"),
    ],
)  # fmt: skip
def test_literals(written: str, value: str | None, tmp_path: Path) -> None:
    found = read(f"INSERT INTO t (a, b) VALUES ({written}, 'end');", tmp_path)
    assert found.problems == []
    assert rows(found, "t") == [(value, "end")]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"'a\'b'", "a'b"),
        (r"'\\'", "\\"),
        (r"'\%\0'", "\\%\\x00"),
        ("_binary 'ab'", "ab"),
        ('"it\'s"', "it's"),
    ],
)
def test_literals_of_mysql(written: str, value: str, tmp_path: Path) -> None:
    found = read(f"-- MySQL dump\nINSERT INTO `t` VALUES ({written}, 'end');", tmp_path)
    assert (found.problems, rows(found, "t")) == ([], [(value, "end")])


def test_text_that_crosses_pieces_and_a_huge_cell(tmp_path: Path) -> None:
    one = "(1,'髙橋''s',NULL),"
    content = "INSERT INTO t VALUES " + one * 80_000 + f"(2,'{'x' * 3_000_000}',0),(3,'z',1);"
    found = read(content, tmp_path)
    got = rows(found, "t")
    assert (len(got), set(got[:80_000])) == (80_002, {("1", "髙橋's", None)})
    assert (got[-2][1], got[-1]) == ("x" * (1 << 20), ("3", "z", "1"))
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.LIMIT, "line:1")]


def test_a_copy_that_is_not_ended_gives_way_to_the_next_statement(tmp_path: Path) -> None:
    found = read("COPY t (a, b) FROM stdin;\n1\t2\nCOPY u (a) FROM stdin;\n3\n\\.\n", tmp_path)
    assert rows(found, "t") == [("1", "2")]
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.TRUNCATED, "line:1")]
    assert rows(found, "u") == [("3",)]


@pytest.mark.parametrize(
    "content",
    [
        b"INSERT INTO t VALUES " + b"(" * 100_000, b"CREATE TABLE t (" * 5000, b"'" * 100_001, b"INSERT INTO t VALUES ('\\",
        b"INSERT INTO" * 10_000, b"/*" * 50_000, b"$$" * 9 + b"\n$$", b"COPY t FROM stdin", b"INSERT INTO `a", b"\xff\xfe\0\0",
    ],
)  # fmt: skip
def test_hostile_text_ends(content: bytes, tmp_path: Path) -> None:
    read(content, tmp_path)


@pytest.mark.parametrize("name", list(scenarios()["sql_dump"]))
def test_damaged_bytes_never_raise(name: str, tmp_path: Path) -> None:
    for content in mutants(scenarios()["sql_dump"][name].content, seed=5, count=60):
        read(content, tmp_path)
