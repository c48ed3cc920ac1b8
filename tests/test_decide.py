"""The decision: the shared worked cases, the edges of the law, what is missing, and facts that are refused."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from pipeline.decide.calendar import is_closed, next_open_day
from pipeline.decide.decision import decide, read_facts
from pipeline.decide.expression import ConditionError, Facts, condition, evaluate, every, some
from pipeline.errors import FactError, RuleError
from tests.corpus import CORPUS

EXAMPLES = CORPUS.parent / "reference" / "reportability_examples.json"
CASES = json.loads(EXAMPLES.read_text(encoding="utf-8"))["cases"] if EXAMPLES.is_file() else []
needs_examples = pytest.mark.skipif(not CASES, reason=f"the shared worked cases are not at {EXAMPLES}")
# What these say is free text of who wrote the cases; everything else must be equal.
FREE = ("basis", "confidence", "notes")
PLAIN: dict[str, Any] = {
    "persons_lower": 10, "persons_upper": 10, "categories": ["name"], "data_structure": "personal_data",
    "event": "leak", "event_certainty": "confirmed", "cause": "misdelivery", "improper_purpose": "no",
    "encryption": "none", "recovered_before_viewing": "no", "entrustment": {"role": "none"},
    "my_number": {"included": "no"}, "known_date": "2026-06-01",
}  # fmt: skip


def outcome(**facts: Any) -> dict[str, Any]:
    given = {name: value for name, value in (PLAIN | facts).items() if value != "absent"}
    return decide("private", given).as_json()


@needs_examples
@pytest.mark.parametrize("one", CASES, ids=[one["id"] for one in CASES])
def test_a_shared_case_comes_out_as_stated(one: dict[str, Any]) -> None:
    got = decide(one["entity_kind"], one["facts"]).as_json()
    expected = {name: value for name, value in one["expected"].items() if name not in FREE}
    assert {name: got.get(name, "absent") for name in expected} == expected
    assert got["basis"]


@needs_examples
@pytest.mark.parametrize("one", CASES, ids=[one["id"] for one in CASES])
def test_removing_one_fact_never_gives_a_wrong_certainty(one: dict[str, Any]) -> None:
    whole = decide(one["entity_kind"], one["facts"], explores=False).reportable
    for name in one["facts"]:
        less = {key: value for key, value in one["facts"].items() if key != name}
        assert decide(one["entity_kind"], less, explores=False).reportable in (whole, None), name


@pytest.mark.parametrize(
    ("lower", "upper", "reportable", "triggers"),
    [
        (1000, 1000, False, []),
        (1001, 1001, True, ["APPI-R7-4"]),
        (10, 1001, True, ["APPI-R7-4"]),
        (10, 1000, False, []),
        (10, None, "undetermined", ["APPI-R7-4?"]),
        (None, None, "undetermined", ["APPI-R7-4?"]),
        (1001, None, True, ["APPI-R7-4"]),
        (None, 1000, False, []),
    ],
)
def test_more_than_a_thousand_persons_by_the_maximum(
    lower: int | None, upper: int | None, reportable: bool | str, triggers: list[str]
) -> None:
    got = outcome(persons_lower=lower, persons_upper=upper)
    assert (got["reportable"], got["triggers"]) == (reportable, triggers)


def test_the_day_of_knowing_is_day_one_and_closed_days_move_only_the_final_report() -> None:
    got = outcome(persons_upper=1001, known_date="2026-12-01")
    assert got["preliminary_due"] == {
        "earliest": "2026-12-03", "latest": "2026-12-05", "latest_if_elapsed_days": "2026-12-06"
    }  # fmt: skip
    assert (got["final_day_before_rollover"], got["final_due"]) == ("2026-12-30", "2027-01-04")


@pytest.mark.parametrize(
    ("day", "open_day"),
    [
        (date(2026, 5, 2), date(2026, 5, 7)),  # Saturday, then 3-5 May and the substitute holiday of the 6th
        (date(2026, 9, 22), date(2026, 9, 24)),  # the day between two holidays
        (date(2026, 12, 28), date(2026, 12, 28)),
        (date(2026, 12, 29), date(2027, 1, 4)),
        (date(2026, 2, 11), date(2026, 2, 12)),
    ],
)
def test_the_next_open_day(day: date, open_day: date) -> None:
    assert next_open_day(day) == open_day
    assert not is_closed(open_day)


def test_an_instant_wins_over_the_date_and_is_read_in_japan() -> None:
    got = outcome(persons_upper=1001, known_date="2026-08-31", known_at="2026-08-31T15:00:00Z")
    assert got["counted_from"] == "2026-09-01"
    assert outcome(persons_upper=1001, known_at="2026-08-31T14:59:59Z")["counted_from"] == "2026-08-31"


def test_the_earliest_department_counts() -> None:
    knowledge = [["board", "2026-06-08"], {"department": "helpdesk", "at": "2026-05-30T23:00:00Z"}]
    assert (
        outcome(persons_upper=1001, known_date="absent", knowledge=knowledge)["counted_from"] == "2026-05-31"
    )


def test_without_a_day_of_knowing_the_duty_stands_and_the_day_is_missing() -> None:
    got = outcome(persons_upper=1001, known_date="absent")
    assert got["reportable"] is True
    assert got["final_due"] is None
    assert "known_date" in [one["fact"] for one in got["missing"]]


def test_recovered_before_anyone_viewed_is_no_leak_but_unconfirmed_is_one() -> None:
    assert outcome(persons_upper=2000, recovered_before_viewing="confirmed")["reportable"] is False
    assert outcome(persons_upper=2000, recovered_before_viewing="unconfirmed")["reportable"] is True


def test_missing_logs_do_not_exclude() -> None:
    facts = {"persons_upper": 2000, "event_certainty": "excluded"}
    assert outcome(**facts)["reportable"] is False
    assert outcome(**facts, egress_evidence="missing")["reportable"] == "undetermined"


@pytest.mark.parametrize(
    ("encryption", "reportable"),
    [("none", True), ("high_level_key_safe", False), ("high_level_key_compromised", True), ("weak_key_disclosed", True),
     ("unknown", "undetermined"), ("absent", "undetermined"), ("by_attacker", True)],
)  # fmt: skip
def test_only_a_shown_strong_encryption_takes_data_out(encryption: str, reportable: bool | str) -> None:
    for facts in (
        {"persons_upper": 2000},
        {"categories": ["medical_treatment_record"]},
        {"improper_purpose": "yes"},
    ):
        assert outcome(**facts, encryption=encryption)["reportable"] == reportable


def test_encryption_is_taken_out_category_by_category() -> None:
    categories = ["name", "credit_card_number_full", "medical_treatment_record"]
    safe = {"credit_card_number_full": "high_level_key_safe"}
    got = outcome(categories=categories, encryption="per_category", encryption_by_category=safe)
    assert got["triggers"] == ["APPI-R7-1"]
    doubtful = outcome(categories=categories[:2], encryption="per_category",
                       encryption_by_category={"credit_card_number_full": "unknown"})  # fmt: skip
    assert doubtful["triggers"] == ["APPI-R7-2?"]
    every_part = dict.fromkeys(categories, "high_level_key_safe")
    got = outcome(
        categories=categories,
        persons_upper=5000,
        encryption="per_category",
        encryption_by_category=every_part,
    )
    assert got["reportable"] is False


def test_improper_purpose_beside_another_item_gives_sixty_days() -> None:
    got = outcome(persons_upper=1001, cause="theft", improper_purpose="suspected")
    assert (got["triggers"], got["final_days"]) == (["APPI-R7-3", "APPI-R7-4"], 60)


def test_improper_purpose_learned_later_keeps_thirty_days_from_the_first_knowledge() -> None:
    got = outcome(persons_upper=1001, improper_purpose="yes", purpose_learned_on="2026-06-20")
    assert (got["counted_from"], got["final_days"]) == ("2026-06-01", 30)
    alone = outcome(improper_purpose="yes", purpose_learned_on="2026-06-20")
    assert (alone["counted_from"], alone["final_days"]) == ("2026-06-20", 60)


def test_a_growing_count_starts_its_time_when_a_thousand_is_exceeded() -> None:
    history = [["2026-06-01", 800], ["2026-06-10", 1200]]
    got = outcome(persons_lower="absent", persons_upper="absent", count_history=history)
    assert (got["triggers"], got["counted_from"]) == (["APPI-R7-4"], "2026-06-10")
    both = outcome(persons_upper=1200, categories=["medical_treatment_record"], count_history=history)
    assert (both["triggers"], both["counted_from"]) == (["APPI-R7-1", "APPI-R7-4"], "2026-06-01")


def test_the_dead_are_not_counted_unless_the_data_are_about_the_living_too() -> None:
    assert outcome(persons_lower=1200, persons_upper=1200, deceased=300)["reportable"] is False
    both = {"persons": 300, "about_living_relatives": True}
    assert outcome(persons_lower=1200, persons_upper=1200, deceased=both)["reportable"] is True
    assert (
        outcome(persons_upper=1200, persons_lower=1200, improper_purpose="yes", deceased=True)["reportable"]
        is False
    )


def test_unrelated_incidents_are_not_added_up() -> None:
    assert (
        outcome(persons_upper=600, other_incident={"persons": 600, "related": False})["reportable"] is False
    )
    assert outcome(persons_upper=600, other_incident={"persons": 600, "related": True})["reportable"] is True


def test_phishing_of_a_person_elsewhere_is_not_an_act_against_the_business() -> None:
    facts = {"cause": "phishing", "improper_purpose": "yes"}
    assert outcome(**facts, attack_target="individual")["reportable"] is False
    assert outcome(**facts, attack_target="entrustee")["triggers"] == ["APPI-R7-3"]


def test_a_known_complete_first_report_may_serve_as_both() -> None:
    assert any("both" in note or "preliminary and final" in note
               for note in outcome(persons_upper=1001, all_items_known=True)["notes"])  # fmt: skip


@pytest.mark.parametrize(
    ("entrustment", "reportable"),
    [
        ({"role": "entrustee", "entruster_under_duty": True, "notified_entruster_on": "2026-06-05"}, False),
        (
            {"role": "entrustee", "entruster_under_duty": True, "notified_entruster_on": "2026-06-30"},
            "undetermined",
        ),
        ({"role": "entrustee", "entruster_under_duty": True}, True),
        ({"role": "entrustee", "notified_entruster_on": "2026-06-05"}, "undetermined"),
        ({"role": "entrustee", "clients": [1001, 1500], "notified_entruster_on": "2026-06-05"}, False),
        ({"role": "entrustee", "entruster_under_duty": False, "notified_entruster_on": "2026-06-05"}, True),
        ({"role": "entrustee", "data_entrusted": False}, False),
    ],
)
def test_an_entrustee_is_freed_only_by_prompt_notice_to_an_entruster_under_duty(
    entrustment: dict[str, Any], reportable: bool | str
) -> None:
    got = outcome(persons_upper=3000, entrustment=entrustment)
    assert got["reportable"] == reportable
    assert ("exempt_by" in got) == (reportable is False and "data_entrusted" not in entrustment)


def test_an_entruster_knows_at_the_latest_by_the_notice() -> None:
    got = outcome(
        persons_upper=3000, entrustment={"role": "entruster", "notified_by_entrustee_on": "2026-05-20"}
    )
    assert got["counted_from"] == "2026-05-20"


def test_rules_follow_the_date_of_the_incident() -> None:
    facts = {
        "data_structure": "being_acquired_planned_personal_data",
        "improper_purpose": "yes",
        "known_date": "2024-05-01",
    }
    assert outcome(**facts, occurred_date="2024-03-31")["reportable"] is False
    assert outcome(**facts, occurred_date="2024-04-01")["triggers"] == ["APPI-R7-3"]
    assert outcome(persons_upper=5000, known_date="2022-03-31")["reportable"] is False
    assert (
        outcome(persons_upper=5000, known_date="2022-04-02", occurred_date="2022-03-31")["reportable"]
        == "undetermined"
    )


def test_what_is_missing_says_what_each_answer_would_change() -> None:
    got = outcome(persons_upper=2000, encryption="unknown")
    answers = {one["value"]: one["reportable"] for missing in got["missing"] if missing["fact"] == "encryption"
               for one in missing["answers"]}  # fmt: skip
    assert answers["high_level_key_safe"] is False
    assert answers["none"] is True
    days = outcome(persons_upper=2000, improper_purpose="unknown")
    assert days["final_days"] == 30
    assert {one["final_days"] for missing in days["missing"] if missing["fact"] == "improper_purpose"
            for one in missing["answers"]} == {30, 60}  # fmt: skip


def test_reasons_keep_every_rule_with_facts_and_source() -> None:
    decision = decide("private", PLAIN | {"persons_upper": 1001})
    assert [reason.said for reason in decision.outcomes[0].reasons][:5] == [
        "APPI-57", "APPI-R7-1", "APPI-R7-2", "APPI-R7-3", "APPI-R7-4"]  # fmt: skip
    read = dict(fact for reason in decision.outcomes[0].reasons for fact in read_facts(reason))
    assert read["persons_upper"] == 1001
    assert json.loads(json.dumps(decision.as_json())) == decision.as_json()
    assert decision.as_json()["reasons"][1]["article"] == "Enforcement Rules Art. 7(i)"


def test_every_outcome_says_that_a_person_decides() -> None:
    for facts in ({}, {"persons_upper": 1001}, {"event": "absent"}):
        assert (
            "Not legal advice; a person (個人情報保護責任者, counsel) decides." in outcome(**facts)["notice"]
        )


def test_a_law_that_was_not_asked_is_never_silently_no() -> None:
    unasked = decide("private", PLAIN | {"my_number": {"included": "yes"}}, ["appi-private"])
    assert unasked.reportable is None
    assert any("my-number" in note for note in unasked.notes)
    public = decide("administrative", PLAIN, ["appi-private", "my-number"])
    assert public.reportable is None
    assert "appi-public" in public.basis
    with pytest.raises(RuleError, match="martian"):
        decide("private", PLAIN, ["martian"])


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"weather": "fine"}, "weather"),
        ({"persons_upper": -1}, "persons_upper"),
        ({"persons_upper": True}, "persons_upper"),
        ({"persons_upper": "12"}, "persons_upper"),
        ({"persons_lower": 11}, "persons_lower"),
        ({"event": "explosion"}, "event"),
        ({"categories": "name"}, "categories"),
        ({"categories": ["shoe_size"]}, "categories"),
        ({"categories": ["my_number"]}, "my_number.included"),
        ({"known_date": "1 June"}, "known_date"),
        ({"known_at": "2026-06-01T00:00:00"}, "known_at"),
        ({"occurred_date": "2026-06-02"}, "occurred_date"),
        ({"my_number": {"included": "maybe"}}, "my_number.included"),
        ({"my_number": {"colour": "red"}}, "my_number.colour"),
        ({"my_number": "no"}, "my_number"),
        ({"encryption_by_category": {"name": "none"}}, "encryption_by_category"),
        (
            {"encryption": "per_category", "encryption_by_category": {"name": "rot13"}},
            "encryption_by_category",
        ),
        ({"contactable": "no"}, "contactable"),
        ({"knowledge": ["2026-06-01"]}, "knowledge"),
        ({"count_history": [[1]]}, "count_history"),
        ({"deceased": 11}, "deceased"),
        ({"deceased": "some"}, "deceased"),
        ({"entity_kind": "private"}, "entity_kind"),
    ],
)
def test_a_wrong_fact_is_refused_by_name(facts: dict[str, Any], named: str) -> None:
    with pytest.raises(FactError, match=named):
        decide("private", PLAIN | facts)
    with pytest.raises(FactError, match="entity_kind"):
        decide("company", PLAIN)


def test_three_valued_conjunction_and_disjunction() -> None:
    assert (every([True, None]), every([False, None]), every([True, True]), every([])) == (
        None,
        False,
        True,
        True,
    )
    assert (some([True, None]), some([False, None]), some([False, False]), some([])) == (
        True,
        None,
        False,
        False,
    )


@pytest.mark.parametrize(("facts", "value"), [({}, None), ({"event": "leak"}, None),
                                              ({"event": "leak", "cause": "theft"}, True),
                                              ({"event": "loss", "cause": "loss"}, False)])  # fmt: skip
def test_at_least_two_of_three(facts: dict[str, Any], value: bool | None) -> None:
    one = condition({"at_least": 2, "of": [{"fact": "event", "is": "leak"}, {"fact": "cause", "is": "theft"},
                                           {"given": "records"}]})  # fmt: skip
    got = evaluate(one, Facts(values=facts), {})
    assert got.value is value
    assert len(got.parts) == 3, "nothing is left out once the outcome is clear"


@pytest.mark.parametrize("given", [{}, {"all": [], "any": []}, {"all": []}, {"fact": "event"}, {"all": 3}, {"not": 1},
                                   {"maximum": "persons"}, {"open": ""}, {"fact": "event", "is": 1, "mark": "x"}])  # fmt: skip
def test_a_bad_condition_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConditionError):
        condition(given)
