"""Runs rules of exposure over rows given as data: examples and near misses stand in a file beside each rule.

A file has `[rows]` and `[params]` that hold for all its cases; each `[[example]]` says what the rule `gives`, each `[[near_miss]]`
what it is (`says`), and both may put other rows in the place of those of a table (`rows`), and other `params`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from parsers.questions import QUESTIONS
from pipeline.rulebook import SqlRule
from pipeline.scope import exposure
from pipeline.tables.schema import all_tables, full_schema, view_sql


def told(folder: Path, rule: SqlRule) -> dict[str, Any]:
    """The examples and near misses beside a rule."""
    return tomllib.loads((folder / rule.file.name).with_suffix(".toml").read_text(encoding="utf-8"))


def rows_of(content: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of one case by table; `repeat = n` in a row stands for n rows, {n} in its texts for their numbers."""
    tables: dict[str, Any] = {**content.get("rows", {}), **case.get("rows", {})}
    return {name: [one for row in rows for one in _repeated(row)] for name, rows in tables.items()}


def _repeated(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    plain = {key: value for key, value in row.items() if key != "repeat"}
    if "repeat" not in row:
        return [plain]
    return [
        {
            key: value.replace("{n}", str(number)) if isinstance(value, str) else value
            for key, value in plain.items()
        }
        for number in range(row["repeat"])
    ]


class Tables:
    """Every table of a case, empty but for the rows of the case that is asked, and the views of the questions over them."""

    def __init__(self) -> None:
        """Make the tables once: there are many, and each case fills few."""
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET TimeZone = 'UTC'")
        self.schemas = {name: full_schema(table) for name, table in all_tables().items()}
        for name, schema in self.schemas.items():
            self.connection.register("empty", schema.empty_table())
            self.connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM empty')
        for question in QUESTIONS:
            if question.name not in self.schemas:
                self.connection.execute(f'CREATE VIEW "{question.name}" AS {view_sql(question)}')

    def asked(
        self, rule: SqlRule, params: Mapping[str, Any], tables: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """What a rule gives over these rows."""
        for name, rows in tables.items():
            schema = self.schemas[name]
            unknown = {key for row in rows for key in row} - set(schema.names)
            assert not unknown, f"{name} has no column {unknown}"
            content = {
                field.name: pa.array([_stored(row.get(field.name)) for row in rows], field.type)
                for field in schema
            }
            self.connection.register("given", pa.table(content, schema=schema))
            self.connection.execute(f'INSERT INTO "{name}" SELECT * FROM given')
        try:
            exposure.hold(self.connection, [rule], params)
            return exposure.answered(self.connection, rule)
        finally:
            for name in tables:
                self.connection.execute(f'DELETE FROM "{name}"')

    def read_by(self, rule: SqlRule) -> set[str]:
        """The tables the query of a rule reads, by the engine's own word."""
        (parsed,) = self.connection.execute("SELECT json_serialize_sql(?)", [rule.sql]).fetchall()[0]
        named: set[str] = set()
        made: set[str] = set()
        waiting: list[Any] = [json.loads(parsed)]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                if node.get("type") == "BASE_TABLE":
                    named.add(node["table_name"])
                if "cte_map" in node:
                    made |= {one["key"] for one in node["cte_map"]["map"]}
                waiting += node.values()
            elif isinstance(node, list):
                waiting += node
        return named - made


def _stored(value: Any) -> Any:
    return list(value.items()) if isinstance(value, dict) else value
