"""Each rule of exposure, and each indicator, gives what its examples say, gives nothing for its near misses, and reads what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.rulebook import SqlRule, rule_files
from pipeline.scope import exposure, indicators
from tests.exposure_examples import Tables, rows_of, told

RULES = exposure.rules()
INDICATORS = indicators.rules()
ALL = [(exposure.FOLDER, rule) for rule in RULES] + [(indicators.FOLDER, rule) for rule in INDICATORS]
CASES = [
    pytest.param(folder, rule, kind, number, id=f"{rule.stated['name']}-{kind}-{number}")
    for folder, rule in ALL
    for kind in ("example", "near_miss")
    for number in range(len(told(folder, rule).get(kind, [])))
]


@pytest.fixture(scope="module")
def tables() -> Iterator[Tables]:
    made = Tables()
    yield made
    made.connection.close()


def _params(content: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    given = {**content.get("params", {}), **case.get("params", {})}
    return {name: value for name, value in given.items() if name not in (*given.get("unset", []), "unset")}


@pytest.mark.parametrize(("folder", "rule", "kind", "number"), CASES)
def test_a_rule_gives_its_examples_and_none_of_its_near_misses(
    tables: Tables, folder: Path, rule: SqlRule, kind: str, number: int
) -> None:
    content = told(folder, rule)
    case: dict[str, Any] = content[kind][number]
    found = tables.asked(rule, _params(content, case), rows_of(content, case))
    if kind == "near_miss":
        assert found == [], case["says"]
        return
    assert {f"{evidence_id or ''}/{entry_id or ''}" for evidence_id, entry_id, *_ in found} == set(
        case["gives"]
    )
    assert len(found) == len(set(case["gives"])), "one row for each entry"
    for _, _, reason, supports, *at in found:
        assert reason
        assert supports
        assert all(supports)
        assert case.get("reason", "") in reason
        assert "at" not in case or at == [case["at"]]


@pytest.mark.parametrize(("folder", "rule"), ALL, ids=lambda one: getattr(one, "stated", {}).get("name", ""))
def test_a_rule_has_examples_and_near_misses_that_differ_from_them(folder: Path, rule: SqlRule) -> None:
    content = told(folder, rule)
    assert content.get("example"), "no example"
    assert content.get("near_miss"), "no near miss"
    given = [(rows_of(content, case), _params(content, case)) for case in content["example"]]
    for case in content["near_miss"]:
        assert (rows_of(content, case), _params(content, case)) not in given
        assert case["says"]


@pytest.mark.parametrize(
    "rule", [*RULES, *INDICATORS, *exposure.shared().values()], ids=lambda one: one.file.name
)
def test_a_rule_says_what_it_reads(tables: Tables, rule: SqlRule) -> None:
    assert rule.file.name.removeprefix("shared/") == f"{rule.stated['name']}.sql"
    for line in rule.file.content.splitlines():
        if line.startswith("-- reads: "):
            stated = {one.strip() for one in line.removeprefix("-- reads: ").split(",")} - {"nothing"}
            break
    assert tables.read_by(rule) == stated


def test_what_is_shared_counts_as_read_by_its_rules() -> None:
    by_name = {rule.stated["name"]: rule for rule in RULES}
    assert {"shown_mail", "outside_recipient", "mail_message"} <= set(
        exposure.read_by(by_name["addresses_shown"])
    )
    used = {name for _, rule in ALL for name in exposure.read_by(rule)}
    assert set(exposure.shared()) <= used, "made for nobody"


def test_each_rule_is_named_as_its_file_and_graded() -> None:
    for _, one in ALL:
        assert one.file.name == f"{one.stated['name']}.sql"
        assert one.stated["grade"] in exposure.GRADES
        assert one.stated["example"] != one.stated["near_miss"]


@pytest.mark.parametrize("folder", [exposure.FOLDER, indicators.FOLDER])
def test_no_file_of_examples_without_its_rule(folder: Path) -> None:
    named = {file.name.removesuffix(".toml") for file in rule_files(folder, (".toml",))}
    assert named == {rule.stated["name"] for place, rule in ALL if place == folder}


def test_every_direction_and_grade_is_taken() -> None:
    assert {one.stated["direction"] for one in INDICATORS} == set(indicators.DIRECTIONS)
    assert {one.stated["grade"] for one in RULES} == set(exposure.GRADES)
