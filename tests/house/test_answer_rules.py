"""Each rule that answers a question gives what its examples say, gives nothing for its near misses, and only the question's columns."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from parsers.contract import PROVENANCE
from parsers.questions import QUESTIONS
from pipeline.rulebook import SqlRule
from pipeline.tables.answers import FOLDER, answers
from pipeline.tables.schema import all_tables, view_columns
from tests.rule_examples import asked, told

RULES = [(question, rule) for question, rules in answers().items() for rule in rules]
COLUMNS = {question.name: {column.name for column in view_columns(question)} for question in QUESTIONS}


@pytest.mark.parametrize(
    ("question", "rule"), RULES, ids=lambda one: getattr(one, "file", None) and one.file.name
)
def test_a_rule_gives_its_examples_and_none_of_its_near_misses(question: str, rule: SqlRule) -> None:
    cases = told(FOLDER, rule)
    assert set(cases) == {"example", "near_miss"}, f"{rule.file.name}: examples and near misses, both"
    for example in cases["example"]:
        (row,) = asked(rule, example)
        assert set(PROVENANCE) <= set(row), "provenance stands in front"
        own = {name: value for name, value in row.items() if name not in PROVENANCE}
        assert set(own) <= COLUMNS[question], f"{rule.file.name} gives columns `{question}` does not have"
        assert {name: value for name, value in own.items() if value is not None} == example["gives"]
    for near_miss in cases["near_miss"]:
        assert asked(rule, near_miss) == []


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
        for example in told(FOLDER, rule)["example"]:
            for value in example["gives"].values():
                assert not isinstance(value, datetime) or value.tzinfo is not None
