"""The fifth demo case: a customer base read through a web site, and a list packed and sent from a host behind it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from fixtures.intrusion import machines
from fixtures.windows_host import whole
from tests.whole_case import Counts, ask, by_category, copied, counts_of, run_case, truth

_EXPOSED = (
    "SELECT DISTINCT f.name FROM exposure x JOIN file_entry f USING (evidence_id, entry_id) "
    "JOIN (SELECT DISTINCT evidence_id, entry_id FROM mention) USING (evidence_id, entry_id) WHERE "
)
_SHOWN = "'%Y-%m-%dT%H:%M:%S+0900'"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied("intrusion", tmp_path_factory.mktemp("case"))
    assert run_case(root).exit_code == 0
    return root


def names(case: Path, where: str) -> set[str]:
    """The documents with persons in them that are exposed in this way."""
    return {name for (name,) in ask(case, _EXPOSED + where)}


@pytest.fixture(scope="module")
def counts(case: Path) -> Counts:
    return counts_of(case)


@pytest.mark.parametrize("grade", ["confirmed", "likely", "possible"])
def test_every_grade_holds_its_truth(case: Path, counts: Counts, grade: str) -> None:
    known = truth(case)["persons"][grade]
    low, likely, high, _ = counts[grade, "all", None]
    assert low <= likely <= high
    assert low <= known <= high
    # Nobody beyond the truth is counted, and only those known by a name alone may be taken for one.
    assert high == known
    assert known - low <= 0.05 * known


def test_nothing_is_confirmed_and_that_is_no_zero(counts: Counts) -> None:
    assert counts["confirmed", "all", None] == (0, 0, 0, True)


@pytest.mark.parametrize("grade", ["confirmed", "likely", "possible"])
def test_every_category_holds_its_truth(case: Path, counts: Counts, grade: str) -> None:
    known = truth(case)["categories"][grade]
    found = by_category(counts, grade)
    assert found.keys() == known.keys()
    for category, count in known.items():
        low, high = found[category]
        assert low <= count <= high, category


@pytest.mark.parametrize("grade", ["likely", "possible"])
def test_the_archive_and_the_base_hold_their_truth(case: Path, counts: Counts, grade: str) -> None:
    known = truth(case)
    low, _, high, _ = counts[grade, "route", "archived_and_sent"]
    assert low <= known["archive"]["persons"] <= high
    low, _, high, _ = counts[grade, "route", "read_over_web"]
    assert low <= known["customer_base"]["persons"] <= high


def test_those_in_both_count_once(case: Path, counts: Counts) -> None:
    archived, in_base = (counts["likely", "route", one][1] for one in ("archived_and_sent", "read_over_web"))
    assert archived + in_base - counts["likely", "all", None][1] == truth(case)["in_both"]


def test_what_was_sent_and_what_was_read_is_likely_and_the_rest_within_reach(case: Path) -> None:
    known = truth(case)
    likely = names(case, "x.grade = 'likely'")
    assert likely == {known["archive"]["member"], known["customer_base"]["name"]}
    assert names(case, "x.route = 'archived_and_sent'") == {known["archive"]["member"]}
    within_reach = names(case, "x.route = 'within_reach'") - likely
    # The old archive holds a workbook under a name of its own.
    assert within_reach == {"旧会員名簿.xlsx", "社員連絡先.csv"}


def test_the_injection_and_the_export_are_those_of_the_intruder(case: Path) -> None:
    known = truth(case)
    ((reason,),) = ask(case, "SELECT reason FROM exposure WHERE rule = 'read_by_injection'")
    assert known["intruder"] in reason
    assert f"({known['customer_base']['requests']} of them" in reason
    assert known["customer_base"]["table"] in reason
    ((reason,),) = ask(case, "SELECT reason FROM exposure WHERE rule = 'exported_over_web'")
    assert known["intruder"] in reason
    # The clerk used the same function from inside.
    asked = "SELECT count(*) FROM server_web_access WHERE client_ip = '{}' AND path LIKE '/admin/export%' AND status_code = 200"
    assert ask(case, asked.format(known["inside"])) == [(2,)]
    assert known["inside"] not in str(ask(case, "SELECT reason, supports FROM exposure"))


def test_who_came_from_outside_and_when(case: Path) -> None:
    known = truth(case)
    for evidence_id, what in (("ap01", known["desktop"]), ("web01", known["shell"])):
        found = ask(
            case,
            f"SELECT min(strftime(a.at AT TIME ZONE 'Asia/Tokyo', {_SHOWN})) FROM access a "
            f"WHERE evidence_id = '{evidence_id}' AND account = '{what['account']}' AND action = 'logon' AND from_host = '{known['intruder']}'",
        )
        assert found == [(what["begun_at"],)]
    ((refused,),) = ask(
        case, f"SELECT count(*) FROM access WHERE action = 'failed' AND from_host = '{known['intruder']}'"
    )
    assert refused == 10


def test_the_decision_is_that_of_the_truth(case: Path) -> None:
    ((outcome,),) = ask(case, "SELECT outcome FROM decision")
    assert json.loads(outcome)["reportable"] is truth(case)["reportable"]


def test_both_items_are_read_without_a_problem(case: Path) -> None:
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
