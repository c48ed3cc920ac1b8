"""Runs the query of a rule over rows given as data: every table of a case is there, empty where no row is given."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from parsers.contract import PROVENANCE
from parsers.questions import QUESTIONS
from pipeline.rulebook import SqlRule
from pipeline.tables.schema import all_tables, full_schema, view_columns


def told(folder: Path, rule: SqlRule) -> dict[str, Any]:
    """The examples and near misses beside a rule."""
    return tomllib.loads((folder / rule.file.name).with_suffix(".toml").read_text(encoding="utf-8"))


def asked(rule: SqlRule, example: dict[str, Any]) -> list[dict[str, Any]]:
    """What a rule gives over the row of an example, and those `with` it; `view` names the answers to a question."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    given = [example, *example.get("with", [])]
    schemas = {name: full_schema(table) for name, table in all_tables().items()}
    for question in QUESTIONS:
        front = [(name, pa.string()) for name in (*PROVENANCE, "source")]
        schemas[f"{question.name}_answers"] = pa.schema(
            [*front, *((one.name, one.type) for one in view_columns(question))]
        )
    for name, schema in schemas.items():
        rows = [one["row"] for one in given if name in (one.get("table"), one.get("view"))]
        unknown = {key for row in rows for key in row} - set(schema.names)
        assert not unknown, f"{name} has no column {unknown}"
        content = {
            field.name: pa.array([_stored(row.get(field.name)) for row in rows], field.type)
            for field in schema
        }
        connection.register(name, pa.table(content, schema=schema))
    found = connection.sql(rule.sql).to_arrow_table().to_pylist()
    connection.close()
    return found


def _stored(value: Any) -> Any:
    return list(value.items()) if isinstance(value, dict) else value
