"""Each rule of devices gives the identifiers, attributes and moments its examples say, and nothing for its near misses."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.contract import PROVENANCE
from parsers.questions import QUESTIONS
from pipeline.match.devices import FOLDER, rules
from pipeline.rulebook import SqlRule
from pipeline.tables.schema import all_tables
from tests.rule_examples import asked, told

RULES = rules()
KNOWN = set(all_tables()) | {f"{question.name}_answers" for question in QUESTIONS}


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.file.name)
def test_a_rule_gives_its_examples_and_none_of_its_near_misses(rule: SqlRule) -> None:
    cases = told(FOLDER, rule)
    assert set(cases) == {"example", "near_miss"}
    for example in cases["example"]:
        (row,) = asked(rule, example)
        assert set(row) - {"latest_at", "certainty"} == {
            *PROVENANCE, "is_anchor", "identifiers", "attributes", "moments",
        }  # fmt: skip
        assert row["identifiers"] == example["identifiers"]
        assert {name: value for name, value in row["attributes"] if value} == example["attributes"]
        assert {name: at for name, at in row["moments"] if at is not None} == example["moments"]
        assert (row.get("latest_at"), row.get("certainty")) == (
            example.get("latest_at"),
            example.get("certainty"),
        )
    for near_miss in cases["near_miss"]:
        assert asked(rule, near_miss) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.file.name)
def test_a_rule_says_what_it_reads(rule: SqlRule) -> None:
    named = {one.strip() for one in rule.stated["reads"].split(",")}
    assert named <= KNOWN
    assert rule.stated["name"] == Path(rule.file.name).stem


def test_no_file_of_examples_without_its_rule() -> None:
    assert set(FOLDER.glob("*.toml")) == {(FOLDER / rule.file.name).with_suffix(".toml") for rule in RULES}
