"""The Parquet door: pinned writing, reading that is locked to the case, and views from declarations."""

from __future__ import annotations

import struct
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import digest
from pipeline.errors import TableError
from pipeline.tables import read, schema, write
from pipeline.tables.catalogue import FILE_ENTRY, PROBLEM


def rows(count: int) -> pa.Table:
    return write.rows_to_table(
        FILE_ENTRY,
        [{"case_id": "K", "evidence_id": "pc", "entry_id": str(n), "path": f"/{n}"} for n in range(count)],
    )


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first = write.write_part(rows(5000), tmp_path / "a.parquet")
    second = write.write_part(rows(5000), tmp_path / "b.parquet")
    assert (first.sha256, first.rows_sha256, first.rows) == (second.sha256, second.rows_sha256, 5000)
    assert first.sha256 == digest.of_file(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_mode & 0o777 == 0o600


def test_the_digest_of_rows_does_not_depend_on_how_they_are_cut() -> None:
    table = rows(70_000)
    whole = digest.of_rows(table.to_batches(), table.schema)
    assert digest.of_rows(table.to_batches(max_chunksize=777), table.schema) == whole
    assert digest.of_rows(table.slice(0, 69_999).to_batches(), table.schema) != whole
    swapped = pa.concat_tables([table.slice(1, 1), table.slice(0, 1), table.slice(2)])
    assert digest.of_rows(swapped.to_batches(), table.schema) != whole


def test_the_digest_of_rows_does_not_depend_on_what_stands_behind_a_null() -> None:
    valid = pa.py_buffer(b"\x05")  # the second of three is null
    numbers = [
        pa.Array.from_buffers(
            pa.timestamp("us", tz="UTC"), 3, [valid, pa.py_buffer(struct.pack("<3q", 1, rest, 3))]
        )
        for rest in (0, 77)
    ]
    texts = [
        pa.Array.from_buffers(
            pa.string(), 3, [valid, pa.py_buffer(struct.pack("<4i", *offsets)), pa.py_buffer(content)]
        )
        for offsets, content in (((0, 1, 1, 2), b"ac"), ((0, 1, 3, 4), b"axxc"))
    ]
    for one, other in (numbers, texts):
        assert one.equals(other)
        first, second = (
            digest.of_rows([pa.record_batch([array], names=["a"])], pa.schema([("a", array.type)]))
            for array in (one, other)
        )
        assert first == second
    lists = [
        pa.ListArray.from_arrays(pa.array([0, None, 1, 2], pa.int32()), pa.array([1, 2])) for _ in range(2)
    ]
    schema = pa.schema([("a", lists[0].type)])
    assert len({digest.of_rows([pa.record_batch([one], names=["a"])], schema) for one in lists}) == 1


def test_a_part_is_never_seen_half_written(tmp_path: Path) -> None:
    write.write_part(rows(10), tmp_path / "file_entry" / "x.parquet")
    assert [one.name for one in (tmp_path / "file_entry").iterdir()] == ["x.parquet"]


def test_every_table_and_question_is_a_view_also_without_rows(tmp_path: Path) -> None:
    connection = read.connect(tmp_path / "tables")
    for name in (
        *schema.all_tables(),
        "timeline",
        "route",
        *(one for one in schema.question_names() if one not in schema.all_tables()),
    ):
        assert connection.execute(f'SELECT count(*) FROM "{name}"').fetchall() == [(0,)]
    connection.close()


def test_a_connection_for_one_thing_has_the_tables_asked_for_and_is_as_closed(tmp_path: Path) -> None:
    write.write_part(rows(3), tmp_path / "tables" / "file_entry" / "x.parquet")
    connection = read.connect(tmp_path / "tables", only=("file_entry", "volume"))
    assert connection.execute(
        "SELECT (SELECT count(*) FROM file_entry), (SELECT count(*) FROM volume)"
    ).fetchall() == [(3, 0)]
    with pytest.raises(duckdb.CatalogException):
        connection.execute("SELECT * FROM problem")
    with pytest.raises(duckdb.PermissionException):
        connection.execute("SELECT * FROM read_text('/etc/hostname')")
    connection.close()


def test_parts_of_an_older_version_are_read_by_name(tmp_path: Path) -> None:
    older = pa.table({"case_id": ["K"], "message": ["an older part"], "gone": [1]})
    folder = tmp_path / "tables" / "problem"
    folder.mkdir(parents=True)
    pq.write_table(older, folder / "old.parquet")
    write.write_part(
        write.rows_to_table(PROBLEM, [{"case_id": "K", "message": "new"}]), folder / "new.parquet"
    )
    _, found = read.ask(tmp_path / "tables", "SELECT message, kind FROM problem ORDER BY message")
    assert found == [("an older part", None), ("new", None)]


def test_a_folder_with_signs_of_a_glob_is_read_as_it_is(tmp_path: Path) -> None:
    tables = tmp_path / "case [1] 'x' *" / "tables"
    write.write_part(rows(3), tables / "file_entry" / "evidence=pc" / "p.parquet")
    assert read.ask(tables, "SELECT count(*) FROM file_entry")[1] == [(3,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '/tmp/kanshiki-out.csv'",
        "ATTACH '/tmp/other.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "nonsense",
    ],
)
def test_a_query_reaches_nothing_but_the_case(tmp_path: Path, sql: str) -> None:
    with pytest.raises(TableError, match="cannot be answered"):
        read.ask(tmp_path / "tables", sql)


def test_an_unknown_table_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no table 'nothing'"):
        read.table(tmp_path, "nothing")
    with pytest.raises(TableError, match="missing"):
        read.sheet(tmp_path, "0" * 24)


def test_a_query_with_a_bare_at_is_told_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="o.at"):
        read.ask(tmp_path / "tables", "SELECT at, what FROM opened")
    assert read.ask(tmp_path / "tables", "SELECT o.at, what FROM opened o")[0] == ["at", "what"]


def test_the_route_has_every_question_with_a_time_in_one_order(tmp_path: Path) -> None:
    columns, rows = read.ask(tmp_path / "tables", "SELECT * FROM route")
    assert columns[:6] == ["at", "latest_at", "question", "what", "account", "source"]
    assert rows == []
