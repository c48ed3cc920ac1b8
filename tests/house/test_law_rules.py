"""Every law rule states its source, has examples and near misses, and these hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from pipeline.decide import lawpack
from pipeline.decide.bounds import settled
from pipeline.decide.expression import Condition, Facts, evaluate
from pipeline.decide.knowing import known_day
from pipeline.decide.vocabulary import CATEGORIES, VOCABULARY, checked
from pipeline.errors import RuleError

PACKS = {name: lawpack.load(name) for name in lawpack.names()}
KINDS = ("rules", "outside", "exemptions", "notices", "guidelines", "remarks")
CLAUSES = [
    pytest.param(pack, one, id=f"{pack.name}-{kind}-{one.id}-{one.in_force_from}")
    for pack in PACKS.values()
    for kind in KINDS
    for one in getattr(pack, kind)
]


@pytest.mark.parametrize(("pack", "rule"), CLAUSES)
def test_a_rule_has_examples_and_near_misses_that_hold(pack: lawpack.LawPack, rule: lawpack.Rule) -> None:
    if rule.mark == "u" and rule.id == "MN-29-4-1-proviso":
        assert not rule.instances, "what is not verified stays open and so has no example"
        return
    assert {one.is_met for one in rule.instances} == {True, False}
    for one in rule.instances:
        values = settled(checked(one.entity_kind, one.facts))
        day = values.get("occurred_date", known_day(values))
        facts = Facts(values=values, protecting=pack.protecting)
        got = evaluate(rule.condition, facts, pack.definitions).value
        # An example must be met by the version it stands in, on a day on which that version is in force.
        assert got is one.is_met, one.facts
        assert rule.in_force_from <= day <= rule.in_force_to


@pytest.mark.parametrize(("pack", "rule"), CLAUSES)
def test_a_rule_says_its_article_and_its_text_twice(pack: lawpack.LawPack, rule: lawpack.Rule) -> None:
    assert rule.article
    assert rule.mark in ("v", "d", "u")
    assert any(ord(letter) > 0x3000 for letter in rule.text_ja)
    assert rule.text_en.isascii()


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_pack_says_that_a_person_decides(pack: lawpack.LawPack) -> None:
    assert "a person" in pack.decides_en
    assert "decides" in pack.decides_en
    assert "人" in pack.decides_ja


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_every_day_on_which_a_rule_changes_is_a_version_of_its_law(pack: lawpack.LawPack) -> None:
    versions = {one.since for one in pack.versions}
    clauses = [one for kind in KINDS for one in getattr(pack, kind)]
    starts = {one.in_force_from for one in clauses if one.in_force_from != date.min}
    starts |= {one.in_force_to + timedelta(days=1) for one in clauses if one.in_force_to != date.max}
    # What an earlier pack gives is told there; a notice taken over from another pack has no day of its own.
    assert starts <= versions | {pack.in_force_from}
    assert min(versions, default=pack.in_force_from) == pack.in_force_from


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_no_two_versions_of_a_rule_are_in_force_together(pack: lawpack.LawPack) -> None:
    for one in pack.rules:
        others = [other for other in pack.rules if other.id == one.id and other is not one]
        assert all(
            other.in_force_from > one.in_force_to or other.in_force_to < one.in_force_from for other in others
        )


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_conditions_name_values_their_facts_have(pack: lawpack.LawPack) -> None:
    clauses = [one.condition for kind in KINDS for one in getattr(pack, kind)]
    for one in _nodes([*pack.definitions.values(), *clauses]):
        if one.kind == "fact" and VOCABULARY.get(one.name) and VOCABULARY[one.name].kind == "choice":
            assert set(one.values) | set(one.open_values) <= set(VOCABULARY[one.name].choices), one
        if one.kind.startswith("category"):
            assert set(one.values) <= set(CATEGORIES), one


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nonsense = 1", "nonsense"),
        ('[[rule]]\nid = "X"\nweather = 1', "weather"),
        ('[[rule]]\nid = "X"\narticle = "A"', "mark"),
        (_RULE := '[[rule]]\nid = "X"\narticle = "A"\nmark = "v"\ntext_ja = "あ"\ntext_en = "a"\n' + "condition = { some = [] }", "X"),
        (_RULE.replace("{ some = [] }", '{ fact = "moon", is = "full" }'), "moon"),
        (_RULE.replace("{ some = [] }", '{ use = "nothing" }'), "nothing"),
        ("[[rule\n", "items.toml"),
    ],
)  # fmt: skip
def test_a_bad_rule_is_refused_by_file_and_key(tmp_path: Any, text: str, named: str) -> None:
    folder = tmp_path / "appi-private"
    folder.mkdir()
    (folder / "pack.toml").write_bytes((lawpack.FOLDER / "appi-private" / "pack.toml").read_bytes())
    (folder / "items.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match=named):
        lawpack.load("appi-private", tmp_path)


def _nodes(conditions: list[Condition]) -> list[Condition]:
    return [node for one in conditions for node in (one, *_nodes(list(one.parts)))]
