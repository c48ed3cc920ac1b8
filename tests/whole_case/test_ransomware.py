"""The fourth demo case: damage with and without a copy on a file server, and a list packed and sent from a desktop."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from fixtures.ransomware import machines
from fixtures.windows_host import whole
from tests.whole_case import Counts, ask, by_category, copied, counts_of, run_case, truth

_EXPOSED = "SELECT DISTINCT f.name FROM exposure x JOIN file_entry f USING (evidence_id, entry_id) WHERE "


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied("ransomware", tmp_path_factory.mktemp("case"))
    assert run_case(root).exit_code == 0
    return root


def names(case: Path, where: str) -> set[str]:
    return {name for (name,) in ask(case, _EXPOSED + where)}


@pytest.fixture(scope="module")
def counts(case: Path) -> Counts:
    return counts_of(case)


@pytest.mark.parametrize("grade", ["confirmed", "likely", "possible"])
def test_every_grade_holds_its_truth_or_is_open(case: Path, counts: Counts, grade: str) -> None:
    known = truth(case)["persons"][grade]
    low, _, high, is_open = counts[grade, "all", None]
    assert low <= known
    assert high >= known or is_open


def test_nothing_is_confirmed_and_that_is_no_zero(counts: Counts) -> None:
    assert counts["confirmed", "all", None] == (0, 0, 0, True)


@pytest.mark.parametrize("grade", ["confirmed", "likely", "possible"])
def test_every_category_holds_those_who_can_be_read(case: Path, counts: Counts, grade: str) -> None:
    known = truth(case)["readable"][grade]
    found = by_category(counts, grade)
    assert found.keys() == known.keys()
    for category, count in known.items():
        low, high = found[category]
        assert low <= count <= high, category


@pytest.mark.parametrize("grade", ["likely", "possible"])
def test_the_archive_that_was_sent_exposes_those_in_it(case: Path, counts: Counts, grade: str) -> None:
    known = truth(case)["archive"]
    low, likely, high, _ = counts[grade, "route", "archived_and_sent"]
    assert low <= known["persons"] <= high
    assert low <= likely <= high
    exposed = names(case, "x.rule = 'archived_and_sent' AND x.evidence_id = 'pc02'")
    assert exposed == {known["name"], known["member"]}


def test_no_bytes_out_of_the_file_server_is_damage_only(case: Path) -> None:
    known = truth(case)
    routes = ask(
        case,
        f"SELECT DISTINCT route FROM exposure WHERE evidence_id = '{known['not_sent_from']}' AND grade IN ('confirmed', 'likely')",
    )
    assert routes == [("damaged",)]


def test_what_is_damaged_without_a_copy_is_told_and_what_has_one_is_not(case: Path) -> None:
    known = truth(case)["damaged"]
    damaged = names(case, "x.route = 'damaged'")
    assert damaged == set(known["without_copy"]["files"])
    assert not damaged & set(known["with_copy"]["files"])
    assert len(known["with_copy"]["files"]) == 12
    assert names(case, "x.route = 'damaged' AND x.grade = 'likely'") == damaged


def test_the_copy_is_read_and_not_exposed(case: Path) -> None:
    known = truth(case)["damaged"]["with_copy"]["persons"]
    ((found,),) = ask(
        case,
        "SELECT count(DISTINCT number_key) FROM mention JOIN file_entry USING (evidence_id, entry_id) WHERE evidence_id = 'backup' AND name = '会員名簿_2026.csv'",
    )
    assert found == known
    assert ask(case, "SELECT count(*) FROM exposure WHERE evidence_id = 'backup'") == [(0,)]


def test_what_is_readable_within_reach_is_possible(case: Path, counts: Counts) -> None:
    known = truth(case)["readable_within_reach"]
    low, _, high, _ = counts["possible", "route", "within_reach"]
    assert low <= sum(known.values()) <= high
    ((entry_id,),) = ask(case, "SELECT DISTINCT entry_id FROM mention WHERE evidence_id = 'fs01'")
    low, _, high, _ = counts["possible", "document", f"fs01/{entry_id}"]
    assert low <= known["fs01"] <= high


def test_the_shadow_copies_went_before_the_files(case: Path) -> None:
    known = truth(case)
    found = ask(
        case,
        "SELECT min(strftime(written_at AT TIME ZONE 'Asia/Tokyo', '%Y-%m-%dT%H:%M:%S+0900')) FROM event_hit "
        "WHERE rule_title LIKE 'Shadow copies%' AND evidence_id = 'fs01'",
    )
    assert found == [(known["shadow_copies_deleted_at"],)]


def test_the_decision_is_that_of_the_truth(case: Path) -> None:
    ((outcome,),) = ask(case, "SELECT outcome FROM decision")
    assert json.loads(outcome)["reportable"] is truth(case)["reportable"]


def test_both_hosts_are_read_without_a_problem(case: Path) -> None:
    assert ask(case, "SELECT evidence_id, path, message FROM problem") == []


def test_the_images_hold_what_the_builders_make(case: Path) -> None:
    found = {
        (evidence_id, path): sha256
        for evidence_id, path, sha256 in ask(
            case,
            "SELECT evidence_id, path, sha256 FROM file_entry JOIN entry_content USING (evidence_id, entry_id)",
        )
    }
    for host, files in machines():
        made = {
            (host.computer.lower(), f"/{path}"): hashlib.sha256(one.content).hexdigest()
            for path, one in whole(host, files).items()
        }
        assert made.items() <= found.items()
