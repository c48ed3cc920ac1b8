"""The first demo case is held to its truth: devices, files, persons, decision, report, and verification."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import again, verify
from tests.whole_case import ask, copied, digests, rows, run_case, truth

pytestmark = pytest.mark.xdist_group("takeout")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied("usb-takeout", tmp_path_factory.mktemp("case"))
    assert run_case(root).exit_code == 0
    return root


def test_persons_are_those_of_the_truth(case: Path) -> None:
    known = truth(case)["persons"]
    for grade in ("confirmed", "likely", "possible"):
        ((low, likely, high, is_open),) = ask(
            case,
            f"SELECT low, likely, high, is_open FROM affected_count WHERE dimension = 'all' AND grade = '{grade}'",
        )
        assert low <= known <= high
        assert likely == known
        assert not is_open


def test_every_row_of_the_lists_is_read(case: Path) -> None:
    found = dict(
        ask(case, "SELECT name, row_count FROM document WHERE evidence_id = 'pc01' AND path LIKE '%顧客%'")
    )
    assert found == truth(case)["rows"]


def test_devices_have_their_times(case: Path) -> None:
    for device in truth(case)["devices"]:
        found = ask(
            case,
            "SELECT strftime(last_connected_at, '%Y-%m-%dT%H:%M:%SZ') FROM connected "
            f"WHERE upper(device_serial) = '{device['serial']}' AND last_connected_at IS NOT NULL",
        )
        assert (device["last_connected_at"],) in found


def test_the_volume_of_the_stick_joins_what_was_opened_on_it(case: Path) -> None:
    known = truth(case)
    volumes = ask(case, "SELECT volume_serial FROM volume WHERE evidence_id = 'usb01'")
    assert volumes == [(known["volume_serial"],)]
    opened = ask(
        case, f"SELECT what FROM opened WHERE volume_serial = '{known['volume_serial']}' ORDER BY what"
    )
    assert [what.removeprefix("E:\\") for (what,) in opened] == known["copied"]


def test_copies_on_the_host_are_exposed_and_untouched_files_are_not(case: Path) -> None:
    known = truth(case)
    names = {
        name
        for (name,) in ask(
            case,
            "SELECT f.name FROM exposure x JOIN file_entry f USING (evidence_id, entry_id) "
            "WHERE x.rule = 'copied_to_device' AND x.evidence_id = 'pc01'",
        )
    }
    assert names == set(known["copied"])
    assert not names & set(known["untouched"])


def test_what_was_deleted_on_the_stick_is_read_and_has_the_same_bytes(case: Path) -> None:
    known = truth(case)
    found = ask(
        case,
        "SELECT f.name, c.sha256 FROM file_entry f JOIN entry_content c USING (evidence_id, entry_id) "
        "WHERE f.evidence_id = 'usb01' AND NOT f.is_allocated",
    )
    assert found == [(name, known["sha256"][name]) for name in known["deleted_on_stick"]]


def test_the_decision_names_items_and_dates(case: Path) -> None:
    ((outcome,),) = ask(case, "SELECT outcome FROM decision")
    decision = json.loads(outcome)
    assert decision["reportable"] is True
    assert decision["triggers"] == ["APPI-R7-3", "APPI-R7-4"]
    # Known on 2026-10-05: day 1; day 60 is 2026-12-03, a Thursday.
    assert decision["final_due"] == "2026-12-03"
    assert decision["preliminary_due"]["latest"] == "2026-10-09"


def test_entries_balance(case: Path) -> None:
    ((held, ended),) = ask(
        case,
        "SELECT (SELECT count(*) FROM file_entry WHERE kind IN ('file', 'stream', 'member')), (SELECT count(*) FROM entry_content)",
    )
    assert held == ended > 30


def test_coverage_tells_missing_from_absent(case: Path) -> None:
    found = dict(ask(case, "SELECT evidence_id || ' ' || parser, outcome FROM coverage"))
    assert found["pc01 windows/usbstor"] == "parsed"
    assert found["usb01 windows/usbstor"] == "absent"
    assert found["pc01 mail/eml"] == "absent"


def test_the_report_is_self_contained_and_holds_no_name(case: Path) -> None:
    page = (case / "report" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    for (name,) in ask(case, "SELECT DISTINCT full_name FROM mention LIMIT 200"):
        assert name not in page


def test_every_check_passes(case: Path) -> None:
    found = verify.verify(case, again=again.CHECKS)
    assert [one.number for one in found.checks if one.passed is not True] == []
    assert found.is_intact
    assert found.is_complete


def test_a_second_run_does_nothing_and_changes_no_byte(case: Path) -> None:
    before = digests(case)
    outcome = run_case(case)
    assert outcome.steps_done == 0
    assert digests(case) == before


def test_the_same_case_in_another_folder_gives_the_same_tables(case: Path, tmp_path: Path) -> None:
    other = copied("usb-takeout", tmp_path)
    run_case(other, workers=1)
    ours, theirs = rows(case), rows(other)
    # The address of a volume names the place of the item on this machine.
    assert ours.pop("volume") != []
    assert theirs.pop("volume") != []
    assert ours == theirs
