"""Each rule that answers a question gives what its examples say, gives nothing for its near misses, and only the question's columns."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from parsers.contract import PROVENANCE
from parsers.questions import QUESTIONS
from pipeline.rulebook import SqlRule
from pipeline.tables.answers import FOLDER, answers
from pipeline.tables.schema import all_tables, full_schema

RULES = [(question, rule) for question, rules in answers().items() for rule in rules]
COLUMNS = {question.name: {column.name for column in question.columns} for question in QUESTIONS}


def told(rule: SqlRule) -> dict[str, Any]:
    """The examples and near misses beside a rule."""
    return tomllib.loads((FOLDER / rule.file.name).with_suffix(".toml").read_text(encoding="utf-8"))


def asked(rule: SqlRule, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a rule gives over rows of tables; every other table is empty."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in all_tables().items():
        schema = full_schema(table)
        rows = [one["row"] for one in given if one["table"] == name]
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


@pytest.mark.parametrize(
    ("question", "rule"), RULES, ids=lambda one: getattr(one, "file", None) and one.file.name
)
def test_a_rule_gives_its_examples_and_none_of_its_near_misses(question: str, rule: SqlRule) -> None:
    cases = told(rule)
    assert set(cases) == {"example", "near_miss"}, f"{rule.file.name}: examples and near misses, both"
    for example in cases["example"]:
        given = [example, *example.get("with", [])]
        (row,) = asked(rule, given)
        assert set(PROVENANCE) <= set(row), "provenance stands in front"
        own = {name: value for name, value in row.items() if name not in PROVENANCE}
        assert set(own) <= COLUMNS[question], f"{rule.file.name} gives columns `{question}` does not have"
        assert {name: value for name, value in own.items() if value is not None} == example["gives"]
    for near_miss in cases["near_miss"]:
        assert asked(rule, [near_miss, *near_miss.get("with", [])]) == []


@pytest.mark.parametrize(
    ("question", "rule"), RULES, ids=lambda one: getattr(one, "file", None) and one.file.name
)
def test_a_rule_says_what_it_reads(question: str, rule: SqlRule) -> None:
    named = {one.strip() for one in rule.stated["reads"].split(",")}
    assert named <= set(all_tables()), f"{rule.file.name} reads {named - set(all_tables())}"
    for name in named:
        assert name in rule.sql.split("SELECT", 1)[1]
    assert rule.stated["name"] == Path(rule.file.name).stem


def test_no_file_of_examples_without_its_rule() -> None:
    rules = {(FOLDER / rule.file.name).with_suffix(".toml") for _, rule in RULES}
    assert set(FOLDER.rglob("*.toml")) == rules


def test_examples_are_instants() -> None:
    for _, rule in RULES:
        for example in told(rule)["example"]:
            for value in example["gives"].values():
                assert not isinstance(value, datetime) or value.tzinfo is not None
