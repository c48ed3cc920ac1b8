"""The third demo case: a mail that shows its outsiders to one another, a mail to colleagues, and one to a single outsider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixtures import bcc_accident
from tests.whole_case import CASES, ask, copied, run_case, truth

_NAMES = "SELECT DISTINCT f.name FROM exposure x JOIN file_entry f USING (evidence_id, entry_id) WHERE "


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied("bcc-accident", tmp_path_factory.mktemp("case"))
    assert run_case(root).exit_code == 0
    return root


@pytest.mark.parametrize("grade", ["confirmed", "likely", "possible"])
def test_the_outsiders_shown_are_those_of_the_truth_in_every_grade(case: Path, grade: str) -> None:
    known = truth(case)
    found = {
        (dimension, value): bounds
        for dimension, value, *bounds in ask(
            case,
            f"SELECT dimension, value, low, likely, high FROM affected_count WHERE dimension IN ('all', 'subject_kind') AND grade = '{grade}'",
        )
    }
    outsiders = known["persons"][grade]["all"]
    low, likely, high = found["subject_kind", "contact"]
    assert low <= outsiders <= high
    # Whoever reads the post of the office may be one more, and nobody else.
    assert high - outsiders <= len(known["in_doubt"])
    # Two of one name and two addresses may be taken for one.
    assert outsiders - known["homonyms"] <= likely <= outsiders
    # The client's own staff are counted apart, and together with the others.
    low, _, high = found["all", None]
    assert low <= outsiders <= high <= outsiders + len(known["in_doubt"]) + len(known["staff"])


@pytest.mark.parametrize("grade", ["confirmed", "likely", "possible"])
def test_each_category_holds_its_truth(case: Path, grade: str) -> None:
    found = {
        value: (low, high)
        for value, low, high in ask(
            case,
            f"SELECT value, low, high FROM affected_count WHERE dimension = 'category' AND grade = '{grade}'",
        )
    }
    known = truth(case)["persons"][grade]["category"]
    assert found.keys() == known.keys()
    for category, count in known.items():
        low, high = found[category]
        assert low <= count <= high, category


def test_the_notice_alone_shows_addresses(case: Path) -> None:
    known = truth(case)
    shown = ask(case, f"{_NAMES} x.route = 'addresses_shown' AND x.grade = 'confirmed'")
    assert [name for (name,) in shown] == known["shown_by"]["confirmed"]
    shown_at_all = {name for (name,) in ask(case, f"{_NAMES} x.route = 'addresses_shown'")}
    assert not shown_at_all & set(known["not_shown_by"])
    outside = {name for (name,) in ask(case, f"{_NAMES} x.route = 'sent_outside'")}
    assert outside == set(known["sent_outside"])
    ((reason,),) = ask(case, "SELECT DISTINCT reason FROM exposure WHERE route = 'addresses_shown'")
    assert str(known["addresses_shown"]) in reason


def test_whom_the_head_names_is_read_out_of_iso_2022_jp(case: Path) -> None:
    known = truth(case)
    ((subject, address_count),) = ask(
        case,
        "SELECT subject, len(list_distinct(list_transform(list_concat(to_addresses, cc_addresses), lambda one: lower(one)))) "
        "FROM mail_message WHERE evidence_id = 'notice'",
    )
    assert subject == "秋の展示会のご案内"
    assert address_count == known["addresses_shown"] + len(known["staff"]) - 1
    named = "SELECT count(DISTINCT email_key) FROM mention WHERE evidence_id = 'notice' AND full_name IS NOT NULL AND subject_kind <> 'employee'"
    assert ask(case, named) == [(known["persons"]["confirmed"]["category"]["name"],)]


def test_the_decision_is_that_of_the_truth(case: Path) -> None:
    ((outcome,),) = ask(case, "SELECT outcome FROM decision")
    assert json.loads(outcome)["reportable"] is truth(case)["reportable"]


def test_the_case_is_what_the_builder_makes(tmp_path: Path) -> None:
    bcc_accident.build(tmp_path)
    made = {one.relative_to(tmp_path): one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    assert len(made) == 5
    assert made == {name: (CASES / name).read_bytes() for name in made}
