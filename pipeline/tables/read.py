"""Reads tables: a locked-down DuckDB connection with a view for every table and question."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import TableError
from pipeline.tables.schema import all_tables, full_schema
from pipeline.tables.views import Views, literal

MEMORY_LIMIT = "4GB"
BATCH_ROWS = 65_536
_AT = re.compile(r"(?<![\w.\"])at(?![\w\"])", re.IGNORECASE)


def part_files(tables: Path, name: str) -> list[Path]:
    """The Parquet files of one table, sorted; an empty list where there are none."""
    return sorted(one for one in (tables / name).rglob("*.parquet") if not one.name.startswith("."))


def connect(tables: Path, scratch: Path | None = None, only: Collection[str] | None = None) -> Views:
    """A connection with a view per table (empty where nothing was written), per question, and `timeline` and `route`.

    It can read the files of this case's tables and nothing else: no network, no extension, no other path. With
    `only` there are views of these tables alone.
    """
    sheets = tables.parent / "sheets"
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute("SET preserve_insertion_order = true")
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection.execute(f"SET temp_directory = {literal(str(scratch.absolute()))}")
    allowed = ", ".join(literal(str(one.absolute())) for one in (tables, sheets))
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return Views(connection, tables.absolute(), only)


def table(tables: Path, name: str) -> pa.Table:
    """All rows of one table, files in the order of their names.

    Raises:
        TableError: there is no table of that name.
    """
    known = all_tables()
    if name not in known:
        raise TableError(f"there is no table {name!r}; `kanshiki query CASE --tables` lists them")
    schema = full_schema(known[name])
    parts = [pq.read_table(one, schema=schema, partitioning=None) for one in part_files(tables, name)]
    return pa.concat_tables([schema.empty_table(), *parts])


def row_counts(tables: Path) -> dict[str, int]:
    """How many rows each table of a case has that has any, by name, as its files state it."""
    counts = {
        name: sum(pq.read_metadata(one).num_rows for one in part_files(tables, name)) for name in all_tables()
    }
    return {name: count for name, count in counts.items() if count}


def sheet(sheets: Path, sheet_id: str) -> Iterator[pa.RecordBatch]:
    """The rows of one sheet, batch by batch: `row_number` and the columns c000, c001, ... as text.

    Raises:
        TableError: there is no such sheet.
    """
    path = sheets / f"{sheet_id}.parquet"
    if not path.is_file():
        raise TableError(f"sheet {sheet_id} is missing from {sheets}: run the case again")
    return _batches(path)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=BATCH_ROWS)


def ask(tables: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns and the rows of one SQL query over a case's views.

    Raises:
        TableError: the query cannot be answered; the message is the engine's.
    """
    connection = connect(tables)
    try:
        found = connection.execute(sql)
        return [column[0] for column in found.description or []], found.fetchall()
    except duckdb.Error as error:
        hint = (
            "; `at` is a word of SQL: write it with quotes, or behind a name (o.at)"
            if _AT.search(sql)
            else ""
        )
        raise TableError(f"the query cannot be answered: {error}{hint}") from error
    finally:
        connection.close()
