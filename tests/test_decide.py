"""The decision: the shared worked cases, the edges of the law, what is missing, and facts that are refused."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from pipeline.decide.decision import decide
from pipeline.decide.expression import ConditionError, Facts, condition, evaluate, every, read_facts, some
from pipeline.decide.vocabulary import VOCABULARY
from pipeline.errors import FactError, RuleError
from pipeline.law_days import is_closed, next_open_day
from tests import national_holidays
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


@needs_examples
@pytest.mark.parametrize("one", CASES, ids=[one["id"] for one in CASES])
def test_a_fact_turned_unknown_never_gives_a_wrong_certainty(one: dict[str, Any]) -> None:
    whole = decide(one["entity_kind"], one["facts"], explores=False).reportable
    facts = {key: value for key, value in one["facts"].items() if key != "encryption_by_category"}
    for name in facts:
        if "unknown" in VOCABULARY.get(name, VOCABULARY["records"]).choices:
            got = decide(one["entity_kind"], facts | {name: "unknown"}, explores=False).reportable
            assert got in (whole, None), name
    numbers = one["facts"]["my_number"]
    for name in numbers:
        less = one["facts"] | {"my_number": {key: value for key, value in numbers.items() if key != name}}
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


def test_holidays_of_ten_years_by_two_methods() -> None:
    days = [date(2021, 1, 1) + timedelta(days=number) for number in range(3652)]
    assert days[-1] == date(2030, 12, 31)
    by_act = {day for year in range(2021, 2031) for day in national_holidays.of_year(year)}
    ends = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}
    closed = {day for day in days if day.weekday() >= 5 or (day.month, day.day) in ends or day in by_act}
    assert {day for day in days if is_closed(day)} == closed
    assert len(by_act) > 160


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


def test_bounds_not_stated_come_from_the_newest_step_of_the_history() -> None:
    history = [
        {"date": "2026-06-01", "persons_lower": 10, "persons_upper": 800},
        {"date": "2026-06-20", "persons_lower": 900, "persons_upper": 1200},
    ]
    half = outcome(persons_lower=900, persons_upper="absent", count_history=history)
    assert (half["triggers"], half["counted_from"]) == (["APPI-R7-4"], "2026-06-20")
    # The dead are taken out of every step.
    dead = [["2026-06-01", 1002], ["2026-06-10", 1100]]
    got = outcome(persons_lower="absent", persons_upper="absent", count_history=dead, deceased=50)
    assert (got["triggers"], got["counted_from"]) == (["APPI-R7-4"], "2026-06-10")
    # The maximum counts, also one that was seen only for a time.
    narrowed = [["2026-06-01", 10, 1500], ["2026-06-20", 700, 800]]
    got = outcome(persons_lower="absent", persons_upper="absent", count_history=narrowed)
    assert (got["reportable"], got["notify_individuals"]) == (False, False)
    # No maximum is not a small one.
    unknown = [["2026-06-01", 10, None]]
    got = outcome(persons_lower="absent", persons_upper="absent", count_history=unknown)
    assert got["reportable"] == "undetermined"
    # Bounds that are an earlier step's have moved since.
    moved = [["2026-06-01", 800], ["2026-06-20", 1200]]
    stale = outcome(persons_lower=800, persons_upper=800, count_history=moved)
    assert (stale["triggers"], stale["counted_from"]) == (["APPI-R7-4"], "2026-06-20")
    stated = outcome(persons_upper=700, count_history=[["2026-06-01", 800]])
    assert any("newest step" in note for note in stated["notes"])


def test_an_entrustee_counts_all_its_clients_persons_and_none_is_a_way_out_below_the_duty() -> None:
    three: dict[str, Any] = {
        "role": "entrustee",
        "clients": [400, 400, 400],
        "notified_entruster_on": "2026-06-03",
    }
    absent = {"persons_lower": "absent", "persons_upper": "absent"}
    open_kind = outcome(**absent, entrustment=three)
    assert (open_kind["reportable"], open_kind["triggers"]) == ("undetermined", ["APPI-R7-4"])
    private = {**three, "entruster_kind": "private"}
    got = outcome(**absent, entrustment=private)
    assert (got["reportable"], got["triggers"]) == (True, ["APPI-R7-4"])
    assert got["notice_to_entruster_due"] == {"earliest": "2026-06-03", "latest": "2026-06-05"}
    # Counts of clients that fall short of all persons say only how many there are at least.
    short = outcome(persons_lower=1200, persons_upper=3000, entrustment=private)
    assert short["reportable"] == "undetermined"
    unbounded = outcome(persons_lower=400, persons_upper=None, entrustment=private)
    assert unbounded["reportable"] == "undetermined"
    # Of data every client must report, however few, the notice does free.
    special = outcome(**absent, categories=["medical_treatment_record"], entrustment=private)
    assert special["reportable"] == "undetermined"
    assert "entrustment.entruster_under_duty" in [one["fact"] for one in special["missing"]]
    # Each client answers for its own persons only.
    assert (
        outcome(persons_lower=400, persons_upper=400, entrustment={"role": "entruster"})["reportable"]
        is False
    )


def test_two_laws_may_have_two_addressees() -> None:
    facts = {"persons_upper": 2000, "delegated_sector": "finance", "categories": ["name", "my_number"],
             "my_number": {"included": "yes", "persons_lower": 200, "persons_upper": 200}, "persons_lower": 2000}  # fmt: skip
    assert outcome(**facts)["report_to"] == ["delegated_minister", "ppc"]
    assert outcome(persons_upper=2000, delegated_sector="finance")["report_to"] == "delegated_minister"


def test_unrelated_incidents_are_not_added_up() -> None:
    assert (
        outcome(persons_upper=600, other_incident={"persons": 600, "related": False})["reportable"] is False
    )
    assert outcome(persons_upper=600, other_incident={"persons": 600, "related": True})["reportable"] is True
    assert outcome(persons_upper=600, other_incident=600)["reportable"] is False
    unknown = outcome(persons_upper=600, other_incident={"persons": 600, "related": None})
    assert unknown["reportable"] == "undetermined"
    assert any("not known" in note for note in unknown["notes"])


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


def test_a_discharged_duty_is_discharged_whether_or_not_an_item_is_met() -> None:
    told = {"role": "entrustee", "entruster_under_duty": True, "notified_entruster_on": "2026-06-03"}
    got = outcome(persons_upper=2000, encryption="unknown", entrustment=told)
    assert (got["reportable"], got["exempt_by"]) == (False, "APPI-26-1-proviso")
    # Without the day of knowing nobody can say whether the notice was prompt.
    assert outcome(persons_upper=2000, entrustment=told, known_date="absent")["reportable"] == "undetermined"


def test_forms_a_public_body_holds_are_retained_without_any_database() -> None:
    forms = {**PLAIN, "persons_upper": 150, "data_structure": "pre_database_input_form_planned"}
    assert decide("local_government", forms).as_json()["triggers"] == ["APPI-R43-4"]
    assert decide("private", forms).reportable is False


def test_an_entruster_knows_at_the_latest_by_the_notice() -> None:
    got = outcome(
        persons_upper=3000, entrustment={"role": "entruster", "notified_by_entrustee_on": "2026-05-20"}
    )
    assert got["counted_from"] == "2026-05-20"


def test_the_version_of_the_day_of_knowing_is_applied_and_said() -> None:
    acquired: dict[str, Any] = {
        "data_structure": "being_acquired_planned_personal_data",
        "improper_purpose": "yes",
    }
    before = outcome(**acquired, known_date="2024-03-31", occurred_date="2024-03-10")
    assert before["reportable"] is False
    assert (before["laws"][0]["version"]["on"], before["laws"][0]["version"]["since"]) == (
        "2024-03-31",
        "2022-04-01",
    )
    after = outcome(**acquired, known_date="2024-04-02", occurred_date="2024-04-01")
    assert after["triggers"] == ["APPI-R7-3"]
    assert after["laws"][0]["version"]["since"] == "2024-04-01"
    assert "knowing" in after["laws"][0]["version"]["because_en"]
    assert outcome(**acquired, known_date="absent")["laws"][0]["version"]["on"] is None
    assert outcome(persons_upper=5000, known_date="2022-03-31")["reportable"] is False


def test_two_versions_that_disagree_leave_it_open_and_say_what_each_gives() -> None:
    acquired = {"data_structure": "being_acquired_planned_personal_data", "improper_purpose": "yes"}
    across = outcome(**acquired, known_date="2024-05-01", occurred_date="2024-03-31")
    assert (across["reportable"], across["possible_triggers"]) == ("undetermined", ["APPI-R7-3"])
    assert any("reportable false" in note and "APPI-R7-3" in note for note in across["notes"])
    # A part on which both agree is settled.
    stored = outcome(improper_purpose="yes", known_date="2024-05-01", occurred_date="2024-03-31")
    assert (stored["reportable"], stored["triggers"]) == (True, ["APPI-R7-3"])
    duty = {"known_date": "2022-04-02", "occurred_date": "2022-03-31"}
    assert outcome(persons_upper=5000, **duty)["reportable"] == "undetermined"
    assert outcome(**duty)["reportable"] is False
    # The day of knowing is not stated: it may lie on either side.
    assert (
        outcome(**acquired, known_date="absent", occurred_date="2024-03-31")["reportable"] == "undetermined"
    )


def test_local_governments_came_under_the_act_on_a_day() -> None:
    facts = {**PLAIN, "data_structure": "retained_personal_information", "persons_upper": 500}
    early = decide("local_government", facts | {"known_date": "2023-03-31"}).as_json()
    assert (early["reportable"], early["outside_national_act"]) == (False, True)
    late = decide("local_government", facts | {"known_date": "2023-04-01"}).as_json()
    assert (late["reportable"], late["triggers"]) == (True, ["APPI-R43-4"])
    across = decide("local_government", facts | {"known_date": "2023-04-03", "occurred_date": "2023-03-30"})
    assert across.reportable is None
    assert "outside_national_act" not in across.as_json()


def test_the_common_form_is_told_from_the_day_it_exists() -> None:
    locked: dict[str, Any] = {"event": "damage", "cause": "ransomware", "improper_purpose": "yes",
                              "encryption": "by_attacker", "identical_copy_kept": False}  # fmt: skip
    assert any("common ransomware form" in note for note in outcome(**locked)["notes"])
    assert not any(
        "common ransomware form" in note for note in outcome(**locked, known_date="2025-09-30")["notes"]
    )
    assert not any("common ransomware form" in note for note in outcome(persons_upper=1001)["notes"])


def test_the_amendment_of_2026_is_told_and_changes_nothing() -> None:
    facts = {"persons_upper": 1001, "rights_little_impaired": True}
    got = outcome(**facts)
    assert (got["reportable"], got["notify_individuals"]) == (True, True)
    assert [one["law_pack"] for one in got["laws"]] == ["appi-private", "my-number"]
    (one,) = got["coming"]
    assert (one["law_pack"], one["in_force_from"], one["in_force_by"]) == ("appi-2026", None, "2028-07-17")
    assert one["clauses"][0]["if_in_force"] is True
    assert "never a result" in one["state"]
    assert outcome()["coming"][0]["clauses"][0]["if_in_force"] == "undetermined"
    named = decide("private", PLAIN | facts, ["appi-private", "my-number", "appi-2026"])
    assert (named.reportable, [one.law_pack for one in named.outcomes]) == (
        True,
        ["appi-private", "my-number"],
    )
    later = outcome(**facts, known_date="2028-07-18")
    assert "not held here" in later["coming"][0]["state"]


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


def test_only_what_keeps_it_open_is_called_missing() -> None:
    def missing(**facts: Any) -> list[str]:
        return [one["fact"] for one in outcome(**facts)["missing"]]

    assert missing(persons_upper=2000, encryption="unknown") == ["encryption"]
    assert missing(persons_upper=None) == ["persons_upper"]
    locked: dict[str, Any] = {"event": "damage", "cause": "ransomware", "improper_purpose": "yes",
                              "encryption": "by_attacker", "identical_copy_kept": True}  # fmt: skip
    assert "egress_evidence" in missing(**locked, egress_evidence="partial")
    assert "my_number.in_system" not in missing(**locked, egress_evidence="partial")
    # What no fact settles is told in words.
    hashed = outcome(categories=["login_id", "password_hashed", "service_payment_capable"])
    assert "open: depends on the strength of the hash" in hashed["notes"]


def test_reasons_keep_every_rule_with_facts_and_source() -> None:
    decision = decide("private", PLAIN | {"persons_upper": 1001})
    assert [reason.said for reason in decision.outcomes[0].reasons][:5] == [
        "APPI-57", "APPI-R7-1", "APPI-R7-2", "APPI-R7-3", "APPI-R7-4"]  # fmt: skip
    read = dict(fact for reason in decision.outcomes[0].reasons for fact in read_facts(reason))
    assert read["persons_upper"] == 1001
    assert json.loads(json.dumps(decision.as_json())) == decision.as_json()
    assert decision.as_json()["reasons"][1]["article"] == "Enforcement Rules Art. 7(i)"


def test_the_basis_of_a_duty_names_the_laws_that_give_it() -> None:
    assert outcome(persons_upper=1001)["basis"] == "Enforcement Rules Art. 7(iv)"


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
        ({"count_history": [{"date": "2026-06-01", "persons": 3, "colour": 1}]}, "count_history"),
        ({"count_history": [["2026-06-01", 9, 3]]}, "count_history"),
        ({"other_incident": {"weather": 1}}, "other_incident"),
        ({"other_incident": {"persons": 3, "related": "perhaps"}}, "other_incident.related"),
        ({"other_incident": {"persons": -3}}, "other_incident"),
        ({"purpose_learned_on": "2026-06-09"}, "purpose_learned_on"),
        ({"event_certainty": "excluded", "egress_evidence": "found"}, "event_certainty"),
        ({"posted_online": False, "takedown": "pending"}, "takedown"),
        ({"preliminary_filed_on": "2026-05-31"}, "preliminary_filed_on"),
        ({"my_number": {"included": "no", "in_file": True}}, "my_number.in_file"),
        ({"my_number": {"included": "yes", "persons_lower": 11}}, "my_number.persons_lower"),
        ({"entrustment": {"role": "none", "notified_entruster_on": "2026-06-03"}}, "notified_entruster_on"),
        (
            {"entrustment": {"role": "entrustee", "notified_by_entrustee_on": "2026-06-03"}},
            "notified_by_entrustee_on",
        ),
        (
            {"entrustment": {"role": "entrustee", "notified_entruster_on": "2026-05-31"}},
            "notified_entruster_on",
        ),
        ({"entrustment": {"role": "entrustee", "clients": [11]}}, "entrustment.clients"),
        ({"gdpr": {"risk": "great"}}, "gdpr.risk"),
        ({"korea": {"persons_lower": 11}}, "korea.persons_lower"),
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
