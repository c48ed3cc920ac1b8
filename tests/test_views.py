"""A view is declared when a statement first names it, and nobody can tell: it is there, as it was when the connection was made."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.tables import read, schema, write
from pipeline.tables.catalogue import PROBLEM
from tests.whole_case import ask


def problem(message: str) -> pa.Table:
    return write.rows_to_table(PROBLEM, [{"case_id": "K", "message": message}])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT message FROM problem",
        'SELECT message FROM "problem"',
        "SELECT p.message FROM volume v RIGHT JOIN problem p USING (case_id)",
        "SELECT message FROM (SELECT 1), PROBLEM",
        "WITH volume AS (SELECT * FROM problem) SELECT message FROM volume",
        "FROM problem SELECT message",
    ],
)
def test_a_view_is_found_however_it_is_named(tmp_path: Path, sql: str) -> None:
    write.write_part(problem("told"), tmp_path / "tables" / "problem" / "evidence=pc" / "x.parquet")
    assert ask(tmp_path, sql) == [("told",)]


def test_views_are_listed_before_any_was_named(tmp_path: Path) -> None:
    named = {*schema.all_tables(), "opened", "device_answers", "timeline", "route"}
    assert named <= {name for (name, *_) in ask(tmp_path, "SHOW TABLES")}
    assert named <= {name for (name,) in ask(tmp_path, "SELECT view_name FROM duckdb_views()")}


def test_a_name_that_is_none_is_told_beside_one_that_is(tmp_path: Path) -> None:
    connection = read.connect(tmp_path / "tables")
    with pytest.raises(duckdb.CatalogException, match="opend"):
        connection.execute("SELECT * FROM opend")
    connection.close()


def test_what_is_written_after_the_connection_was_made_is_not_seen(tmp_path: Path) -> None:
    write.write_part(problem("before"), tmp_path / "tables" / "problem" / "a.parquet")
    connection = read.connect(tmp_path / "tables")
    write.write_part(problem("after"), tmp_path / "tables" / "problem" / "b.parquet")
    assert connection.sql("SELECT message FROM problem").fetchall() == [("before",)]
    connection.close()


def test_a_table_made_on_the_connection_stands_before_the_view_and_not_in_questions(tmp_path: Path) -> None:
    connection = read.connect(tmp_path / "tables")
    table = schema.all_tables()["connected"]
    made = write.rows_to_table(table, [{"case_id": "K", "device_serial": "S1"}])
    connection.register("connected", made)
    assert connection.execute("SELECT device_serial FROM connected_answers").fetchall() == []
    assert connection.execute("SELECT device_serial FROM connected").fetchall() == [("S1",)]
    connection.close()
