"""Schemas: provenance in front of every table, and which tables and views a case has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pyarrow as pa

from parsers import all_parsers
from parsers.contract import PROVENANCE, Column, Question, Status, Table, text, utc
from parsers.questions import QUESTIONS
from pipeline.tables.answers import answers
from pipeline.tables.catalogue import SPINE

PROVENANCE_COLUMNS = (
    Column("case_id", text, "Number of the case."),
    Column("evidence_id", text, "Evidence item the row comes from."),
    Column("entry_id", text, "Entry of the item the row comes from."),
    Column("locator", text, "Where in the entry the row stands: offset, record, line, key."),
    Column("parser", text, "Parser or stage that made the row."),
    Column("parser_version", text, "Version of that parser or stage."),
    Column("status", text, "ok, recovered (from damaged bytes) or partial."),
)
assert tuple(column.name for column in PROVENANCE_COLUMNS) == PROVENANCE  # noqa: S101

LATEST = Column(
    "latest_at",
    utc,
    "The latest instant it can have been; that of `at`, but where a wall clock leaves an interval.",
)


@cache
def full_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table as it is stored: provenance, then its own columns."""
    return pa.schema([(column.name, column.type) for column in (*PROVENANCE_COLUMNS, *table.columns)])


@cache
def all_tables() -> dict[str, Table]:
    """Every table of a case by name: the spine, then those the parsers declare.

    Raises:
        TypeError: two tables share a name but are not the same, or one column name has two types.
    """
    tables: dict[str, Table] = {}
    types: dict[str, tuple[pa.DataType, str]] = {}
    declared = (*SPINE, *(table for parser in all_parsers() for table in parser.tables))
    for table in declared:
        if tables.setdefault(table.name, table) is not table:
            raise TypeError(f"table {table.name!r} is declared twice")
        for column in table.columns:
            first, where = types.setdefault(column.name, (column.type, table.name))
            if first != column.type:
                raise TypeError(
                    f"column {column.name!r} is {first} in {where!r} and {column.type} in {table.name!r}"
                )
    return tables


@cache
def empty_sql(table: Table) -> str:
    """A SELECT of no row with the columns of a table as it is stored."""
    columns = ", ".join(
        f'CAST(NULL AS {_sql_type(field.type)}) AS "{field.name}"' for field in full_schema(table)
    )
    return f"SELECT {columns} WHERE false"  # noqa: S608  names come from declarations


@cache
def view_sql(question: Question, without: frozenset[str] = frozenset()) -> str:
    """The SELECT behind the view of a question: one branch for each table that answers it, but for those `without` which it is.

    Names come from declarations in this program, never from evidence.
    """
    branches = []
    for table in _tables(without):
        for answer in table.answers:
            if answer.question.name != question.name:
                continue
            own = dict(answer.columns)
            clock = _machine_clock(table, own.get("at"))
            parts = [*PROVENANCE, f"'{table.name}' AS source"]
            for column in question.columns:
                source = f'"{own[column.name]}"' if column.name in own else "NULL"
                if column.name == "at" and clock is not None:
                    exact = "NULL" if own["at"] == clock else source
                    parts.append(f'coalesce({exact}, earliest_instant) AS "at"')
                    parts.append(f'coalesce({exact}, latest_instant) AS "{LATEST.name}"')
                else:
                    parts.append(f'CAST({source} AS {_sql_type(column.type)}) AS "{column.name}"')
            read = f'"{table.name}"' if clock is None else f"({_instants_sql(table, clock)})"
            where = f" WHERE {answer.where}" if answer.where else ""
            branches.append(f"SELECT {', '.join(parts)} FROM {read}{where}")  # noqa: S608
    columns = view_columns(question)
    typed = ", ".join(
        f'CAST({_value(column)} AS {_sql_type(column.type)}) AS "{column.name}"' for column in columns
    )
    nothing = ", ".join(f'NULL AS "{column.name}"' for column in columns)
    empty = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in (*PROVENANCE, "source"))
    parts = [f"SELECT {empty}, {nothing} WHERE false"]
    parts += [f"({one})" for one in branches]
    # A rule gives provenance and as many of the question's columns as it has, by name; names and text come from rules/.
    parts += [
        f"SELECT *, 'rules/answers/{rule.file.name}' AS source FROM ({rule.sql}\n)"  # noqa: S608
        for rule in answers()[question.name]
    ]
    provenance = ", ".join((*PROVENANCE, "source"))
    return f"SELECT {provenance}, {typed} FROM ({' UNION ALL BY NAME '.join(parts)})"  # noqa: S608


def _tables(without: frozenset[str]) -> Iterator[Table]:
    return (table for name, table in all_tables().items() if name not in without)


def view_columns(question: Question) -> tuple[Column, ...]:
    """Columns of a question's view behind provenance and `source`: its own, and the end of the interval where it has a time."""
    has_time = any(column.name == "at" for column in question.columns)
    return (*question.columns, LATEST) if has_time else question.columns


def _value(column: Column) -> str:
    """A column of a view; what is exact is an interval that ends where it begins."""
    return f'coalesce("{LATEST.name}", "at")' if column is LATEST else f'"{column.name}"'


def _machine_clock(table: Table, at: str | None) -> str | None:
    """The wall clock that tells a table's time where the column it answers with is one, or has one beside it."""
    if at is None:
        return None
    names = (at, f"{at.removesuffix('_at')}_local")
    clocks = {column.name for column in table.columns if column.is_machine_clock}
    return next((name for name in names if name in clocks), None)


def _instants_sql(table: Table, clock: str) -> str:
    """A table with `earliest_instant` and `latest_instant` of a wall clock: null where the machine's zone is not known."""
    shown = f'"{clock}" < until_wall'
    return (
        f'SELECT t.*, CASE WHEN {shown} THEN CAST("{clock}" AS TIMESTAMPTZ) - to_minutes(earliest_offset_minutes) END AS earliest_instant, '  # noqa: S608
        f'CASE WHEN {shown} THEN CAST("{clock}" AS TIMESTAMPTZ) - to_minutes(latest_offset_minutes) END AS latest_instant '
        f'FROM "{table.name}" AS t ASOF LEFT JOIN (SELECT evidence_id AS machine, from_local AS from_wall, until_local AS until_wall, '
        "earliest_offset_minutes, latest_offset_minutes FROM machine_clock) AS c "
        f'ON t.evidence_id = c.machine AND t."{clock}" >= c.from_wall'
    )


def timeline_sql(without: frozenset[str] = frozenset()) -> str:
    """The SELECT behind `timeline`: one row for every instant in a column ending in `_at`, and for every wall clock of a known zone."""
    branches = []
    for table in _tables(without):
        for column in table.columns:
            at, latest, read = f'"{column.name}"', f'"{column.name}"', f'"{table.name}"'
            if column.is_machine_clock:
                at, latest, read = (
                    "earliest_instant",
                    "latest_instant",
                    f"({_instants_sql(table, column.name)})",
                )
            elif not (column.name.endswith("_at") and column.type == utc):
                continue
            branches.append(
                f"SELECT {at} AS at, {latest} AS {LATEST.name}, '{table.name}' AS source, '{column.name}' AS moment, "  # noqa: S608
                f"case_id, evidence_id, entry_id, locator FROM {read} WHERE {at} IS NOT NULL"
            )
    return " UNION ALL ".join(branches)


# What a step of the route says, by the question it answers.
_STEPS = {
    "access": "concat_ws(' ', action, from_host)",
    "opened": "what",
    "network": "remote",
    "visited": "url",
    "downloaded": "coalesce(what, url)",
    "ran": "program_path",
    "deleted": "what",
    "printed": "what",
    "message": "subject",
    "protected": "what",
    "cleared": "what",
}


def route_sql() -> str:
    """The SELECT behind `route`: what was done, of all questions whose answers have a time, connections, and hits of rules over events, in order."""
    branches = []
    for question in QUESTIONS:
        if question.name not in _STEPS:
            continue
        has_account = any(column.name == "account" for column in question.columns)
        branches.append(
            f"SELECT \"at\", {LATEST.name}, '{question.name}' AS question, {_STEPS[question.name]} AS what, "  # noqa: S608
            f"{'account' if has_account else 'NULL'} AS account, source, case_id, evidence_id, entry_id, locator "
            f'FROM "{question.name}" WHERE "at" IS NOT NULL'
        )
    for column, words in (("first_connected_at", "connected"), ("last_removed_at", "removed")):
        branches.append(
            f"SELECT {column} AS \"at\", {column} AS {LATEST.name}, 'connected' AS question, concat('{words} ', coalesce(device_serial, device_key)) AS what, "  # noqa: S608
            "NULL AS account, array_to_string(sources, ', ') AS source, case_id, evidence_id, entry_id, locator "
            f"FROM connected WHERE {column} IS NOT NULL"
        )
    return f'SELECT * FROM ({" UNION ALL ".join(branches)}) ORDER BY "at", question, what'  # noqa: S608


def question_names() -> tuple[str, ...]:
    """Names of the questions, in the order they are declared."""
    return tuple(question.name for question in QUESTIONS)


def provenance_values(
    *,
    case_id: str,
    evidence_id: str | None,
    entry_id: str | None,
    locator: str | None,
    parser: str,
    version: str,
    status: str = Status.OK,
) -> dict[str, str | None]:
    """The provenance columns of one row by name."""
    return {
        "case_id": case_id,
        "evidence_id": evidence_id,
        "entry_id": entry_id,
        "locator": locator,
        "parser": parser,
        "parser_version": version,
        "status": str(status),
    }


def _sql_type(arrow: pa.DataType) -> str:
    if pa.types.is_timestamp(arrow):
        return "TIMESTAMPTZ" if arrow.tz else "TIMESTAMP"
    if pa.types.is_list(arrow):
        return "VARCHAR[]"
    if pa.types.is_map(arrow):
        return "MAP(VARCHAR, VARCHAR)"
    return {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "binary": "BLOB"}[
        str(arrow)
    ]
