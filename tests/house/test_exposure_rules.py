"""Each rule of exposure gives what its examples say, gives nothing for its near misses, and reads what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.rulebook import SqlRule, rule_files
from pipeline.scope import exposure
from tests.exposure_examples import Tables, rows_of, told

RULES = exposure.rules()
CASES = [
    pytest.param(rule, kind, number, id=f"{rule.stated['name']}-{kind}-{number}")
    for rule in RULES
    for kind in ("example", "near_miss")
    for number in range(len(told(exposure.FOLDER, rule).get(kind, [])))
]


@pytest.fixture(scope="module")
def tables() -> Iterator[Tables]:
    made = Tables()
    yield made
    made.connection.close()


@pytest.mark.parametrize(("rule", "kind", "number"), CASES)
def test_a_rule_gives_its_examples_and_none_of_its_near_misses(
    tables: Tables, rule: SqlRule, kind: str, number: int
) -> None:
    content = told(exposure.FOLDER, rule)
    case: dict[str, Any] = content[kind][number]
    found = tables.asked(
        rule, {**content.get("params", {}), **case.get("params", {})}, rows_of(content, case)
    )
    if kind == "near_miss":
        assert found == [], case["says"]
        return
    assert {f"{evidence_id}/{entry_id}" for evidence_id, entry_id, *_ in found} == set(case["gives"])
    assert len(found) == len(set(case["gives"])), "one row for each entry"
    for _, _, reason, supports in found:
        assert reason
        assert supports
        assert all(supports)
        assert case.get("reason", "") in reason


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.file.name)
def test_a_rule_has_examples_and_near_misses_that_differ_from_them(rule: SqlRule) -> None:
    content = told(exposure.FOLDER, rule)
    assert content.get("example"), "no example"
    assert content.get("near_miss"), "no near miss"
    given = [(rows_of(content, case), case.get("params")) for case in content["example"]]
    for case in content["near_miss"]:
        assert (rows_of(content, case), case.get("params")) not in given
        assert case["says"]


@pytest.mark.parametrize("rule", [*RULES, *exposure.shared().values()], ids=lambda one: one.file.name)
def test_a_rule_says_what_it_reads(tables: Tables, rule: SqlRule) -> None:
    assert rule.file.name.removeprefix("shared/") == f"{rule.stated['name']}.sql"
    for line in rule.file.content.splitlines():
        if line.startswith("-- reads: "):
            stated = {one.strip() for one in line.removeprefix("-- reads: ").split(",")}
            break
    assert tables.read_by(rule) == stated


def test_what_is_shared_counts_as_read_by_its_rules() -> None:
    by_name = {rule.stated["name"]: rule for rule in RULES}
    assert {"shown_mail", "outside_recipient", "mail_message"} <= set(
        exposure.read_by(by_name["addresses_shown"])
    )
    used = {name for rule in RULES for name in exposure.read_by(rule)}
    assert set(exposure.shared()) <= used, "made for nobody"


def test_each_rule_is_named_as_its_file_and_graded() -> None:
    for one in RULES:
        assert one.file.name == f"{one.stated['name']}.sql"
        assert one.stated["grade"] in exposure.GRADES
        assert one.stated["example"] != one.stated["near_miss"]


def test_no_file_of_examples_without_its_rule() -> None:
    named = {file.name.removesuffix(".toml") for file in rule_files(exposure.FOLDER, (".toml",))}
    assert named == {rule.stated["name"] for rule in RULES}
