"""Logs of the Windows firewall, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.windows_logs import FOLDER, firewall_log_scenarios
from parsers.contract import Batch, ProblemKind
from parsers.windows.firewall_log import TRAFFIC, firewall_log
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_firewall_log"
AT = datetime(2026, 9, 28, 21, 5, 33, tzinfo=UTC)


def fixture(name: str) -> Yielded:
    one = firewall_log_scenarios()[name]
    return run(firewall_log, artefact(FOLDER / "firewall_log" / name / one.artefact, one.path))


def test_connections_are_told_with_the_other_side_of_each() -> None:
    found = fixture("local-time")
    assert found.problems == []
    rows = found.table(TABLE)
    columns = ("firewall_action", "protocol", "remote_address", "target_port", "packet_bytes", "process_id")
    assert [tuple(one[column] for column in columns) for one in rows] == [
        ("ALLOW", "TCP", "203.0.113.9", 443, 0, 4711),
        ("DROP", "UDP", "198.51.100.7", 5353, 120, 912),
        ("ALLOW", "ICMP", "fe80::1%4", None, 0, None),
        ("INFO-EVENTS-LOST", None, None, None, None, None),
    ]
    assert (rows[2]["icmp_type"], rows[2]["icmp_code"], rows[3]["log_note"]) == (143, 0, "4")
    assert [locator for _, locator, _, _ in found.rows] == ["line:6", "line:7", "line:8", "line:9"]


def test_only_a_log_in_utc_tells_instants() -> None:
    local, utc = fixture("local-time").table(TABLE)[0], fixture("utc").table(TABLE)[0]
    assert (local["logged_at"], local["logged_local"]) == (None, AT.replace(tzinfo=None))
    assert (utc["logged_at"], utc["logged_local"]) == (AT, None)


def test_bytes_are_not_answered_and_drops_are_no_network_reached() -> None:
    (answer,) = TRAFFIC.answers
    assert dict(answer.columns) == {"at": "logged_at", "remote": "remote_address"}
    assert "DROP" not in answer.where


def test_odd_lines_are_told() -> None:
    found = fixture("odd")
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:6", "source_port"),
        (ProblemKind.DAMAGED, "line:7", "logged_local"),
        (ProblemKind.DAMAGED, "line:8", None),
    ]
    assert [status for _, _, status, _ in found.rows] == ["partial", "partial", "partial", "ok"]


def test_a_log_without_its_head_is_read_by_the_usual_fields_and_told() -> None:
    found = fixture("headless")
    assert [one.kind for one in found.problems] == [ProblemKind.AMBIGUOUS]
    assert found.table(TABLE)[0]["remote_address"] == "203.0.113.9"


def test_fields_may_change_within_a_log(tmp_path: Path) -> None:
    content = (
        b"#Fields: date time action protocol\n2026-09-28 21:05:33 ALLOW TCP\n"
        b"#Fields: action date time\nDROP 2026-09-28 21:05:33\n"
    )
    rows = run(firewall_log, from_bytes(content, tmp_path)).table(TABLE)
    assert [one["firewall_action"] for one in rows] == ["ALLOW", "DROP"]


def test_many_lines_come_in_batches(tmp_path: Path) -> None:
    content = b"#Fields: date time action\n" + b"2026-09-28 21:05:33 ALLOW\n" * 5000
    batches = [one for one in firewall_log.parse(from_bytes(content, tmp_path)) if isinstance(one, Batch)]
    assert [one.rows.num_rows for one in batches] == [2000, 2000, 1000]


def test_it_is_wanted_by_name_or_by_its_head() -> None:
    one = firewall_log_scenarios()
    assert select((firewall_log,), "/x/any.txt", one["utc"].content).chosen
    assert select((firewall_log,), "/x/pfirewall.log.old", one["headless"].content).chosen
    assert not select((firewall_log,), "/x/any.txt", one["headless"].content).chosen


@pytest.mark.parametrize("name", sorted(firewall_log_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = firewall_log_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=4, count=150)):
        found = run(firewall_log, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
