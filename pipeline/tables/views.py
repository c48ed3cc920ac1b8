"""A connection on which the view of a table or question is declared when a statement first names it.

There are some two hundred views, and to declare them all takes longer than most questions do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb

from parsers.contract import Table
from parsers.questions import QUESTIONS
from pipeline.tables.catalogue import SPINE
from pipeline.tables.schema import all_tables, empty_sql, full_schema, route_sql, timeline_sql, view_sql

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
# Many a view is called as columns are (`route`, `device`): here alone it is surely meant.
_READ = re.compile(r"\b(?:from|join)[\s(]+\"?([a-z_][a-z0-9_]*)")
# What may ask which views there are.
_LISTING = re.compile(
    r"(?m)^\s*(?:show|describe|pragma|summarize)\b|\b(?:information_schema|sqlite_master|duckdb_(?:views|tables|columns))\b"
)


class Views:
    """A connection; a statement it executes finds the views it names."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, tables: Path, only: Collection[str] | None = None
    ) -> None:
        """The views of a case's tables as they lie there now, and of questions; with `only` those of these tables alone."""
        self._connection = connection
        self._parts = _parts(tables)
        # A parser's table nothing was written to answers no question, and most are so; the program's own are few.
        spine = {table.name for table in SPINE}
        self._without = frozenset(all_tables().keys() - self._parts.keys() - spine)
        self._waiting = set(_composed()) | set(all_tables()) if only is None else set(only)

    def __getattr__(self, name: str) -> Any:
        """Whatever else the connection does."""
        return getattr(self._connection, name)

    def execute(self, sql: str, *parameters: Any) -> Any:
        """Execute a statement."""
        return self._with_views(sql, lambda: self._connection.execute(sql, *parameters))

    def sql(self, sql: str, **options: Any) -> Any:
        """The relation of a query."""
        return self._with_views(sql, lambda: self._connection.sql(sql, **options))

    def _with_views(self, sql: str, ask: Callable[[], Any]) -> Any:
        lowered = sql.lower()
        self._declare_all(self._waiting if _LISTING.search(lowered) else set(_READ.findall(lowered)))
        try:
            return ask()
        except duckdb.CatalogException:
            # Named elsewhere (FROM a, b); nothing was done yet, since names are looked up before a statement runs.
            if not self._declare_all(set(_WORD.findall(lowered))):
                raise
        return ask()

    def _declare_all(self, names: set[str]) -> bool:
        """Declare those of the views that are not yet; gives whether there were any."""
        wanted = sorted(names & self._waiting)
        for name in wanted:
            self._declare(name)
        return bool(wanted)

    def _declare(self, name: str) -> None:
        if name not in self._waiting:
            return
        self._waiting.remove(name)
        table = all_tables().get(name)
        if table is not None:
            made = _table_sql(table, self._parts.get(name, []))
        else:
            made, needed = _composed()[name](self._without)
            for other in needed:
                self._declare(other)
        self._connection.execute(f'CREATE VIEW "{name}" AS {made}')


def literal(value: str) -> str:
    """A value as it stands in a statement that takes no parameters."""
    return "'" + value.replace("'", "''") + "'"


def _parts(tables: Path) -> dict[str, list[str]]:
    """The Parquet files of each table, sorted."""
    found: dict[str, list[str]] = {}
    for folder, _, names in os.walk(tables):
        inside = Path(folder).relative_to(tables).parts
        if inside:
            files = (one for one in names if one.endswith(".parquet") and not one.startswith("."))
            found.setdefault(inside[0], []).extend(str(Path(folder, one)) for one in files)
    return {name: sorted(files) for name, files in found.items()}


def _table_sql(table: Table, files: list[str]) -> str:
    """The rows of a table's parts; none where there are no parts."""
    empty = empty_sql(table)
    if not files:
        return empty
    columns = ", ".join(f'"{field.name}"' for field in full_schema(table))
    listed = ", ".join(literal(one) for one in files)
    # By name over the declared columns: parts of an older version may lack some until they are made again.
    parts = f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    return f"SELECT {columns} FROM ({empty} UNION ALL BY NAME {parts})"


@cache
def _composed() -> Mapping[str, Callable[[frozenset[str]], tuple[str, tuple[str, ...]]]]:
    """What is made of other views, by name: its SELECT without some tables, and the views it reads: tables, or what stands before it here."""
    # A table may carry the name of the question it answers (`document`): the table keeps it.
    selects: dict[str, Callable[[frozenset[str]], str]] = {
        one.name if one.name not in all_tables() else f"{one.name}_answers": partial(view_sql, one)
        for one in QUESTIONS
    }
    selects |= {"timeline": timeline_sql, "route": lambda _: route_sql()}
    earlier = set(all_tables())
    found = {}
    for name, select in selects.items():
        found[name] = cache(partial(_with_needed, select, frozenset(earlier)))
        earlier.add(name)
    return found


def _with_needed(
    select: Callable[[frozenset[str]], str], earlier: frozenset[str], without: frozenset[str]
) -> tuple[str, tuple[str, ...]]:
    made = select(without)
    return made, tuple(sorted(set(_READ.findall(made.lower())) & earlier))
