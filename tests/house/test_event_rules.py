"""Each rule over events says what it is, holds on its examples, and leaves its near misses alone."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sigma.correlations import SigmaCorrelationRule

from pipeline.match.event_rules import FOLDER, EventRule, read_rules
from tests.sigma import AT, search

RULES = read_rules([FOLDER])
BY_TITLE = {one.sigma.title: one for one in RULES if one.sigma is not None}
COUNTED_ONLY = "Counts only, for the rule"
SHOWN = [
    one
    for one in RULES
    if one.sigma is not None and not (one.sigma.description or "").startswith(COUNTED_ONLY)
]
KEYS = {"rule", "why", "events", "gives"}


@dataclass(frozen=True, kw_only=True)
class Given:
    file: str
    kind: str
    rule: str
    why: str
    events: list[dict[str, Any]]
    gives: list[int]


def laid_out(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as often as they say, each `apart` seconds (1 unless said) after the one before."""
    found: list[dict[str, Any]] = []
    at = AT
    for one in told:
        for _ in range(one.get("repeat", 1)):
            at += timedelta(seconds=one.get("apart", 1))
            row = {name: value for name, value in one.items() if name not in ("repeat", "apart")}
            found.append(row | {"written_at": at})
    return found


def given() -> list[Given]:
    found = []
    for file in sorted(FOLDER.glob("*.examples.toml")):
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        assert set(told) == {"example", "near_miss"}, file.name
        for kind, entries in told.items():
            for one in entries:
                assert {"rule", "why", "events"} <= set(one) <= KEYS, one
                events = laid_out(one["events"])
                gives = one.get("gives", list(range(len(events))) if kind == "example" else [])
                assert bool(gives) == (kind == "example"), one
                found.append(
                    Given(
                        file=file.name.removesuffix(".examples.toml"),
                        kind=kind,
                        rule=one["rule"],
                        why=one["why"],
                        events=events,
                        gives=gives,
                    )
                )
    return found


@pytest.mark.parametrize("one", given(), ids=lambda one: f"{one.rule}: {one.kind}, {one.why}")
def test_examples_are_found_and_near_misses_are_not(one: Given) -> None:
    own = [rule for rule in RULES if rule.file.name == f"{one.file}.yml"]
    found = search(own, one.events)
    assert found.events[one.rule] == one.gives
    assert [int(hit["locator"]) for hit in found.hits if hit["rule_title"] == one.rule] == one.gives


@pytest.mark.parametrize("rule", SHOWN, ids=lambda one: one.sigma.title)
def test_every_rule_has_an_example_and_a_near_miss_beside_it(rule: EventRule) -> None:
    file = rule.file.name.removesuffix(".yml")
    for kind in ("example", "near_miss"):
        assert any(
            one.rule == rule.sigma.title and one.kind == kind and one.file == file for one in given()
        ), kind


@pytest.mark.parametrize("rule", SHOWN, ids=lambda one: one.sigma.title)
def test_every_rule_says_what_it_is_in_both_languages(rule: EventRule) -> None:
    sigma = rule.sigma
    assert sigma.custom_attributes.keys() - {"correlation"} == {"title_ja"}
    assert not sigma.custom_attributes["title_ja"].isascii()
    description = " ".join(sigma.description.split())
    assert description.startswith("Shows ")
    assert "not show" in description or rule.sigma.title == "Event log service stopped"
    assert sigma.level is not None
    assert sigma.status is not None
    assert sigma.falsepositives
    assert all(str(tag).startswith("attack.") for tag in sigma.tags)


@pytest.mark.parametrize("rule", RULES, ids=lambda one: f"{one.file.name}:{one.place}")
def test_every_rule_can_be_asked(rule: EventRule) -> None:
    assert rule.refused is None
    assert rule.identity is not None


def test_no_rule_is_refused_and_those_that_only_count_say_so() -> None:
    found = search(RULES, [])
    assert {one["outcome"] for one in found.outcomes.values()} == {"no_events"}
    counted = {title for title, one in found.outcomes.items() if one["is_counted_only"]}
    assert counted == set(BY_TITLE) - {one.sigma.title for one in SHOWN}


def test_titles_and_identifiers_are_unique() -> None:
    assert len(BY_TITLE) == len(RULES)
    assert len({one.identity for one in RULES}) == len(RULES)


def test_names_are_those_correlations_use() -> None:
    used = {
        reference.reference
        for one in RULES
        if isinstance(one.sigma, SigmaCorrelationRule)
        for reference in one.sigma.rules
    }
    assert used == {one.sigma.name for one in RULES if one.sigma.name}


def test_no_file_of_examples_without_its_rules() -> None:
    files = {one.file.name.removesuffix(".yml") for one in RULES}
    assert {one.name.removesuffix(".examples.toml") for one in FOLDER.glob("*.toml")} == files
