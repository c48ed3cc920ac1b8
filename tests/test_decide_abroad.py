"""Laws of other jurisdictions: asked only by name, told beside the decision, each limit by its own count."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.decide import lawpack
from pipeline.decide.decision import decide
from pipeline.errors import RuleError
from tests.test_decide import PLAIN

ABROAD = tuple(name for name, pack in lawpack.load_all().items() if pack.is_abroad)
HOME = ["appi-private", "my-number"]
BREACH = {
    "role": "covered_entity",
    "unsecured_phi": "yes",
    "excluded_case": "no",
    "low_probability_shown": "no",
}
HELD = {"holder": "business", "personal_information": "yes", "acquired": "yes"}


def asked(law: str, **facts: Any) -> dict[str, Any]:
    (one,) = decide("private", PLAIN | facts, [*HOME, law]).as_json()["abroad"]
    return one  # type: ignore[no-any-return]


def duties(law: str, **facts: Any) -> dict[str, Any]:
    return {one["id"]: one["owed"] for one in asked(law, **facts)["duties"]}


def due(law: str, duty: str, **facts: Any) -> Any:
    return next(one["due"] for one in asked(law, **facts)["duties"] if one["id"] == duty)


def test_there_are_five_and_none_is_asked_unless_named() -> None:
    assert ABROAD == ("california", "gdpr", "hipaa", "korea-pipa", "uk-gdpr")
    assert "abroad" not in decide("private", PLAIN).as_json()
    assert "abroad" not in decide("private", PLAIN, HOME).as_json()


@pytest.mark.parametrize(
    "facts", [{}, {"persons_upper": 1001}, {"encryption": "unknown", "persons_upper": 2000}]
)
def test_they_never_change_what_the_laws_of_japan_answer(facts: dict[str, Any]) -> None:
    alone = decide("private", PLAIN | facts, HOME).as_json()
    beside = decide("private", PLAIN | facts, [*HOME, *ABROAD]).as_json()
    assert len(beside.pop("abroad")) == len(ABROAD)
    assert beside == alone


def test_alone_they_settle_nothing_for_japan() -> None:
    got = decide("private", PLAIN, ["gdpr"])
    assert got.reportable is None
    assert "appi-private" in got.basis


@pytest.mark.parametrize("law", ABROAD)
def test_nothing_is_owed_or_denied_on_facts_nobody_gave(law: str) -> None:
    got = asked(law)
    assert got["owed"] == "undetermined"
    assert got["missing"]
    assert all(one["owed"] is not True for one in got["duties"])
    assert "a person" in got["notice"]


@pytest.mark.parametrize(
    ("law", "facts"),
    [("gdpr", {"gdpr": {"applies": "yes", "risk": "high", "high_risk_averted": "no", "disproportionate_effort": "no"}}),
     ("korea-pipa", {"known_date": "2026-10-01", "korea": {"applies": "yes", "sensitive_or_unique": "yes", "harm_averted": "no"}}),
     ("hipaa", {"hipaa": {**BREACH, "persons_lower": 10}}),
     ("california", {"california": {**HELD, "residents_lower": 10}})],
)  # fmt: skip
def test_taking_one_fact_away_never_gives_a_wrong_certainty(law: str, facts: dict[str, Any]) -> None:
    whole = duties(law, **facts)
    table = next(name for name in facts if isinstance(facts[name], dict))
    for name in facts[table]:
        less = duties(
            law, **facts | {table: {key: value for key, value in facts[table].items() if key != name}}
        )
        assert all(less[one] in (whole[one], "undetermined") for one in whole), name


def test_seventy_two_hours_run_from_the_hour_known_or_from_the_first_of_the_day() -> None:
    facts: dict[str, Any] = {"gdpr": {"applies": "yes", "risk": "risk"}}
    assert due("gdpr", "GDPR-33-1", **facts)["at"] == "2026-06-04T00:00:00+09:00"
    at = due("gdpr", "GDPR-33-1", **facts, known_at="2026-06-01T03:30:00Z")
    assert (at["at"], at["counted"]) == ("2026-06-04T12:30:00+09:00", "72 hours from the hour of knowing")
    # A department that knew on an earlier day, at an hour nobody noted.
    early = due(
        "gdpr", "GDPR-33-1", **facts, known_at="2026-06-01T03:30:00Z", knowledge=[["desk", "2026-05-31"]]
    )
    assert early["at"] == "2026-06-03T00:00:00+09:00"
    noted = [["desk", "2026-06-01T09:00:00+09:00"], ["board", "2026-06-02"]]
    assert due("gdpr", "GDPR-33-1", **facts, knowledge=noted)["at"] == "2026-06-04T09:00:00+09:00"


def test_gdpr_asks_by_risk() -> None:
    def told(risk: str, **more: Any) -> dict[str, Any]:
        averted = {"high_risk_averted": "no", "disproportionate_effort": "no"}
        return duties("gdpr", **more, gdpr={"applies": "yes", "risk": risk, **averted})

    assert told("unlikely") == {
        "GDPR-33-1": False,
        "GDPR-33-2": False,
        "GDPR-34-1": False,
        "GDPR-34-3-c": False,
    }
    assert (told("risk")["GDPR-33-1"], told("risk")["GDPR-34-1"]) == (True, False)
    assert (told("high")["GDPR-33-1"], told("high")["GDPR-34-1"]) == (True, True)
    assert told("high", encryption="high_level_key_safe")["GDPR-34-1"] is False
    assert told("high", encryption="unknown")["GDPR-34-1"] == "undetermined"
    processor = told("high", entrustment={"role": "entrustee"})
    assert (processor["GDPR-33-1"], processor["GDPR-33-2"]) == (False, True)
    assert told("high", event_certainty="suspected")["GDPR-33-1"] == "undetermined"


def test_uk_gdpr_goes_to_the_commissioner_and_reads_its_own_facts() -> None:
    got = asked("uk-gdpr", gdpr={"applies": "yes", "risk": "high"})
    assert got["owed"] == "undetermined"
    got = asked("uk-gdpr", uk_gdpr={"applies": "yes", "risk": "risk"})
    assert "ICO" in got["duties"][0]["to_en"]
    assert got["duties"][0]["owed"] is True


@pytest.mark.parametrize(
    ("persons", "owed"), [((999, 999), False), ((1000, 1000), True), ((10, 1000), "undetermined")]
)
def test_korea_counts_from_a_thousand_on(persons: tuple[int, int], owed: Any) -> None:
    korea = {"applies": "yes", "sensitive_or_unique": "no", "outside_unlawful_access": "no", "harm_averted": "no",
             "persons_lower": persons[0], "persons_upper": persons[1]}  # fmt: skip
    got = duties("korea-pipa", known_date="2026-10-01", persons_upper=2000, korea=korea)
    assert (got["KR-34-4"], got["KR-34-1"]) == (owed, True)


def test_korea_takes_damage_and_a_possible_leak_in_from_a_day_on() -> None:
    locked: dict[str, Any] = {"event": "damage", "cause": "ransomware",
                              "korea": {"applies": "yes", "outside_unlawful_access": "yes", "harm_averted": "no"}}  # fmt: skip
    assert duties("korea-pipa", **locked, known_date="2026-09-10") == {"KR-34-1": False, "KR-34-4": False}
    assert duties("korea-pipa", **locked, known_date="2026-09-11")["KR-34-1"] is True
    suspected = duties("korea-pipa", **locked, known_date="2026-09-11", event_certainty="suspected")
    assert suspected == {"KR-34-1": "undetermined", "KR-34-2": True, "KR-34-4": "undetermined"}
    got = asked("korea-pipa", **locked, known_date="2026-09-11")
    assert (got["version"]["since"], got["version"]["mark"]) == ("2026-09-11", "v")


def test_hipaa_has_two_ways_to_the_secretary_and_the_media_by_state() -> None:
    facts = {
        **BREACH,
        "persons_lower": 500,
        "persons_upper": 500,
        "largest_state_lower": 500,
        "largest_state_upper": 500,
    }
    large = duties("hipaa", persons_upper=2000, hipaa=facts)
    assert (large["HIPAA-164.408-b"], large["HIPAA-164.408-c"], large["HIPAA-164.406"]) == (
        True,
        False,
        False,
    )
    few = {
        **facts,
        "persons_lower": 499,
        "persons_upper": 499,
        "largest_state_lower": 1,
        "largest_state_upper": 499,
    }
    small = duties("hipaa", persons_upper=2000, hipaa=few)
    assert (small["HIPAA-164.408-b"], small["HIPAA-164.408-c"]) == (False, True)
    assert due("hipaa", "HIPAA-164.408-c", persons_upper=2000, hipaa=few)["on"] == "2027-03-01"
    assert due("hipaa", "HIPAA-164.404", persons_upper=2000, hipaa=few)["on"] == "2026-07-31"
    over = {
        **facts,
        "persons_lower": 501,
        "persons_upper": 501,
        "largest_state_lower": 501,
        "largest_state_upper": 501,
    }
    assert duties("hipaa", persons_upper=2000, hipaa=over)["HIPAA-164.406"] is True


def test_a_hipaa_breach_is_presumed_until_a_low_probability_is_shown() -> None:
    assert duties("hipaa", hipaa=BREACH)["HIPAA-164.404"] is True
    assert duties("hipaa", hipaa={**BREACH, "low_probability_shown": "yes"})["HIPAA-164.404"] is False
    assert (
        duties("hipaa", hipaa={**BREACH, "low_probability_shown": "unknown"})["HIPAA-164.404"]
        == "undetermined"
    )
    assert duties("hipaa", hipaa={**BREACH, "unsecured_phi": "no"})["HIPAA-164.404"] is False
    associate = duties("hipaa", hipaa={**BREACH, "role": "business_associate"})
    assert (associate["HIPAA-164.404"], associate["HIPAA-164.410"]) == (False, True)


def test_california_has_days_from_2026_and_the_attorney_general_after_the_notice() -> None:
    many = {**HELD, "residents_lower": 501, "residents_upper": 501}
    facts: dict[str, Any] = {"persons_upper": 2000, "california": many}
    assert due("california", "CA-1798.82-a", **facts)["on"] == "2026-07-01"
    assert due("california", "CA-1798.82-a", **facts, known_date="2025-12-31") is None
    got = asked("california", **facts)
    assert any("persons_notified_on" in note for note in got["notes"])
    told = due("california", "CA-1798.82-f", **facts, persons_notified_on="2026-06-20")
    assert (told["on"], told["counted_from"]) == ("2026-07-05", "2026-06-20")
    five_hundred = {**HELD, "residents_lower": 500, "residents_upper": 500}
    assert duties("california", persons_upper=2000, california=five_hundred)["CA-1798.82-f"] is False
    agency = duties("california", persons_upper=2000, california={**many, "holder": "agency"})
    assert (agency["CA-1798.29-a"], agency["CA-1798.29-e"], agency["CA-1798.82-a"]) == (True, True, False)


def test_what_is_missing_abroad_says_what_each_answer_would_change() -> None:
    got = asked("gdpr", gdpr={"applies": "yes"})
    (risk,) = [one for one in got["missing"] if one["fact"] == "gdpr.risk"]
    assert {one["value"]: one["duties"]["GDPR-33-1"] for one in risk["answers"]} == {
        "unlikely": False, "risk": True, "high": True
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "named"),
    [(('duty = "authority"', 'duty = "nobody"'), "duty"), (("within_hours = 72", "within_hours = 72\nwithin_days = 3"), "within_days"),
     (('jurisdiction = "EU"', 'colour = "blue"'), "colour"), (("in_force_from = 2018-05-25\nprotecting", "protecting"), "in_force_from"),
     (('jurisdiction = "EU"\n', ""), "deadline")],
)  # fmt: skip
def test_a_bad_pack_is_refused_by_key(tmp_path: Any, change: tuple[str, str], named: str) -> None:
    text = (lawpack.FOLDER / "gdpr" / "pack.toml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "gdpr").mkdir()
    (tmp_path / "gdpr" / "pack.toml").write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(RuleError, match=named):
        lawpack.load("gdpr", tmp_path)
