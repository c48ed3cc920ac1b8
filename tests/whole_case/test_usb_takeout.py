"""The first demo case is held to its truth: devices, files, persons, decision, report, and verification."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from fixtures.takeout.case import of_windows
from pipeline import again, verify
from pipeline.evidence import source
from tests.whole_case import ask, copied, digests, rows, run_case, truth


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


def test_each_device_is_one_row_with_what_its_traces_agree_in(case: Path) -> None:
    found = {
        serial.upper(): rest
        for serial, *rest in ask(
            case,
            "SELECT device_serial, product, users, volume_serials, volume_labels, sources, disagreements FROM device",
        )
    }
    listed = truth(case)["devices"]
    assert sorted(found) == sorted(one["serial"] for one in listed)
    for one in listed:
        product, users, volumes, labels, sources, disagreements = found[one["serial"]]
        assert product == one["product"]
        assert users == one["users"]
        assert volumes == ([one["volume_serial"]] if "volume_serial" in one else [])
        assert labels == ([one["volume_label"]] if "volume_label" in one else [])
        assert set(one["sources"]) <= set(sources)
        assert disagreements == []
    assert len(listed[0]["sources"]) >= 5


def test_each_device_was_connected_when_it_was(case: Path) -> None:
    shown = "'%Y-%m-%dT%H:%M:%SZ'"
    for one in truth(case)["devices"]:
        found = ask(
            case,
            f"SELECT strftime(first_connected_at, {shown}), strftime(last_removed_at, {shown}), begin_certainty, end_certainty "
            f"FROM connected WHERE upper(device_serial) = '{one['serial']}' ORDER BY 1",
        )
        assert found == [(*interval, "exact", "exact") for interval in one["connected"]]
        ((first, last, removed),) = ask(
            case,
            f"SELECT strftime(first_connected_at, {shown}), strftime(last_connected_at, {shown}), strftime(last_removed_at, {shown}) "
            f"FROM device WHERE upper(device_serial) = '{one['serial']}'",
        )
        assert [first, removed] == [one["connected"][0][0], one["connected"][-1][1]]
        assert last == one["last_connected_at"]


def test_the_volume_of_the_stick_joins_what_was_opened_on_it(case: Path) -> None:
    known = truth(case)
    volumes = ask(case, "SELECT volume_serial FROM volume WHERE evidence_id = 'usb01'")
    assert volumes == [(known["volume_serial"],)]
    opened = ask(
        case,
        "SELECT DISTINCT what, target_bytes FROM opened "
        f"WHERE volume_serial = '{known['volume_serial']}' AND target_bytes > 0 ORDER BY what",
    )
    assert [what.removeprefix("E:\\") for what, _ in opened] == known["copied"]
    on_host = dict(
        ask(case, "SELECT name, size_bytes FROM file_entry WHERE path LIKE '%/顧客/%' AND is_allocated")
    )
    assert {what.removeprefix("E:\\"): size for what, size in opened} == on_host


def test_who_opened_the_lists_on_the_stick_and_when(case: Path) -> None:
    known = truth(case)
    for table in ("windows_automatic_destinations", "windows_office_mru"):
        found = ask(
            case,
            "SELECT what, strftime(\"at\", '%Y-%m-%dT%H:%M:%SZ'), account FROM opened "
            f"WHERE source = '{table}' AND what LIKE 'E:\\%.%'",
        )
        assert {(what, at, account) for what, at, account in found} == {
            (what, at, known["user"]) for what, at in known["opened_on_stick"].items()
        }


def test_what_was_opened_on_the_stick_is_joined_with_the_stick(case: Path) -> None:
    known = truth(case)
    stick, other = known["devices"]
    shown = "'%Y-%m-%dT%H:%M:%SZ'"
    found = ask(
        case,
        f"SELECT DISTINCT what, strftime(happened_at, {shown}), account FROM on_device "
        f"WHERE device_serial = '{stick['serial']}' AND certainty = 'proved' AND happened_at IS NOT NULL AND what <> 'E:\\'",
    )
    assert set(found) == {(what, at, known["user"]) for what, at in known["opened_on_stick"].items()}
    # Lists without a serial number are joined by the letter, which another disk had before, and the time.
    assert ask(
        case,
        "SELECT DISTINCT device_serial, certainty FROM on_device WHERE source IN ('windows_office_mru', 'windows_shellbags')",
    ) == [(stick["serial"], "likely")]
    assert (
        ask(
            case,
            f"SELECT * FROM on_device WHERE upper(device_serial) = '{other['serial']}' OR what ILIKE 'C:%'",
        )
        == []
    )


def test_the_report_tells_the_best_link_of_what_was_on_the_stick(case: Path) -> None:
    page = (case / "report" / "report.html").read_text(encoding="utf-8")
    (row,) = [
        line for line in page.split("<tr>") if line.startswith("<td>E:\\会員名簿.xlsx") and "開封" in line
    ]
    assert "ボリューム一致" in row


def test_each_question_has_the_rows_the_traces_give(case: Path) -> None:
    for question, least in truth(case)["questions"].items():
        ((found,),) = ask(case, f"SELECT count(*) FROM {question}")
        assert found >= least, question


def test_what_was_cleared_and_printed(case: Path) -> None:
    known = truth(case)
    # The logs begin with event 1001, but for the new one: older events were overwritten, which is no act of anybody.
    assert ask(
        case,
        "SELECT what, strftime(c.at, '%Y-%m-%dT%H:%M:%SZ'), account FROM cleared c WHERE what NOT LIKE '%begins with event 1001%'",
    ) == [(known["cleared"]["log"], known["cleared"]["at"], known["user"])]
    assert ask(case, "SELECT count(*) FROM cleared WHERE what LIKE '%begins with event 1001%'") == [(5,)]
    assert ask(
        case, "SELECT what, strftime(p.at, '%Y-%m-%dT%H:%M:%SZ'), account, page_count FROM printed p"
    ) == [(known["printed"]["what"], known["printed"]["at"], known["user"], 1)]


def test_pages_mail_contacts_and_pictures_are_there(case: Path) -> None:
    known = truth(case)
    shown = "'%Y-%m-%dT%H:%M:%SZ'"
    page, mail, picture = known["visited"], known["message"], known["picture"]
    assert ask(
        case, f"SELECT strftime(v.at, {shown}), account FROM visited v WHERE url = '{page['url']}'"
    ) == [(page["at"], known["user"])]
    assert ask(case, f"SELECT subject, strftime(m.at, {shown}) FROM message m") == [
        (mail["subject"], mail["at"])
    ]
    assert ask(case, f"SELECT camera, strftime(m.at, {shown}) FROM media m") == [
        (picture["camera"], picture["at"])
    ]
    assert len(ask(case, "SELECT contact_name FROM contact WHERE contact_address IS NOT NULL")) == 2


def test_wall_clocks_become_the_instants_of_the_story(case: Path) -> None:
    known = truth(case)
    assert ask(case, "SELECT DISTINCT time_zones, earliest_offset_minutes FROM machine_clock") == [
        (["Tokyo Standard Time"], 540)
    ]
    assert "agreed" in {one for (one,) in ask(case, "SELECT certainty FROM machine_clock")}
    stick = known["devices"][0]
    # The first section about a device in setupapi.dev.log is written by the wall clock.
    assert ask(
        case,
        "SELECT strftime(min(t.at), '%Y-%m-%dT%H:%M:%SZ'), min(t.at) = min(latest_at) FROM timeline t JOIN windows_setupapi s "
        f"USING (entry_id, locator) WHERE moment = 'started_local' AND device_serial = '{stick['serial']}'",
    ) == [(stick["first_connected_at"], True)]


def test_what_ran_was_deleted_and_came_from_the_internet(case: Path) -> None:
    known = truth(case)
    archiver = known["archiver"]
    found = ask(
        case,
        "SELECT strftime(\"at\", '%Y-%m-%dT%H:%M:%SZ'), run_count, source FROM ran "
        f"WHERE upper(program_path) LIKE '%{archiver['name']}' AND \"at\" IS NOT NULL",
    )
    assert {at for at, _, _ in found} == {archiver["ran_at"]}
    assert {count for _, count, _ in found} == {archiver["run_count"], None}
    assert len({source for _, _, source in found}) >= 4
    assert ask(
        case,
        "SELECT what, strftime(\"at\", '%Y-%m-%dT%H:%M:%SZ'), account FROM deleted WHERE source = 'windows_recycle_bin'",
    ) == [tuple(known["recycled"][name] for name in ("path", "at", "account_sid"))]
    # The mark beside the file and the browser's own list tell the same.
    what = known["downloaded"]["what"]
    assert set(ask(case, "SELECT url, what, source FROM downloaded WHERE url IS NOT NULL")) == {
        (known["downloaded"]["url"], what, "windows_zone_identifier"),
        (known["downloaded"]["url"], f"C:{what}".replace("/", "\\"), "browser_download"),
    }
    assert ask(
        case,
        "SELECT event_id FROM windows_evtx WHERE provider LIKE '%Windows Defender' ORDER BY record_number",
    ) == [(1116,), (1117,), (5007,)]


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
    reasons = ask(case, "SELECT DISTINCT reason FROM exposure WHERE rule = 'copied_to_device'")
    assert reasons
    assert all("which lies on the device that was connected" in reason for (reason,) in reasons)


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
    assert found["usb01 mail/eml"] == "absent"
    # Expected on every host, and this volume keeps no journal.
    assert found["pc01 windows/usn_journal"] == "missing"


def test_the_host_is_read_without_a_problem(case: Path) -> None:
    known = truth(case)
    assert ask(case, "SELECT evidence_id, path, message FROM problem") == []
    outcomes = dict(ask(case, "SELECT parser, outcome FROM coverage WHERE evidence_id = 'pc01'"))
    assert {one: outcomes[one] for one in known["parsed"]} == dict.fromkeys(known["parsed"], "parsed")
    assert {outcome for parser, outcome in outcomes.items() if parser not in known["parsed"]} <= {
        "parsed",
        "empty",
        "absent",
        "missing",
    }


def test_the_count_is_what_it_was_however_many_traces_there_are(case: Path) -> None:
    known = truth(case)
    found = ask(
        case,
        "SELECT low BETWEEN 1184 AND 1200, likely, high FROM affected_count WHERE dimension = 'all'",
    )
    assert found == [(True, known["persons"], known["persons"])] * 3


def test_the_report_is_self_contained_and_holds_no_name(case: Path) -> None:
    page = (case / "report" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    for (name,) in ask(case, "SELECT DISTINCT full_name FROM mention LIMIT 200"):
        assert name not in page


def test_the_image_holds_what_the_builders_make(case: Path) -> None:
    with source.open_media(source.identify(case / "evidence" / "USB01.E01")) as stream:
        boot_sector = stream.read(512)
    made = {f"/{path}": hashlib.sha256(one.content).hexdigest() for path, one in of_windows(boot_sector)}
    found = ask(
        case,
        "SELECT path, sha256 FROM file_entry JOIN entry_content USING (evidence_id, entry_id) WHERE evidence_id = 'pc01'",
    )
    assert made.items() <= dict(found).items()


def test_every_check_passes(case: Path) -> None:
    found = verify.verify(case, again=again.CHECKS)
    assert [(one.number, one.details) for one in found.checks if one.passed is not True] == []
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
