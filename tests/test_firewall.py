"""Traffic logs of firewalls, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.server_logs import FOLDER, firewall_scenarios
from parsers.contract import ProblemKind
from parsers.formats import firewall_lines
from parsers.servers.firewall import SESSIONS, firewall
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "server_firewall"
AT = datetime(2026, 9, 28, 12, 5, 33, 123456, tzinfo=UTC)


def fixture(name: str) -> Yielded:
    one = firewall_scenarios()[name]
    return run(firewall, artefact(FOLDER / "firewall" / name / one.artefact, one.path))


def test_sessions_of_fortigate_with_their_bytes() -> None:
    found = fixture("fortigate")
    assert found.problems == []
    upload, denied, inbound = found.table(TABLE)
    assert (upload["logged_at"], upload["sent_bytes"], upload["received_bytes"], upload["target_host"]) == (
        AT, 73400320, 81234, "upload.example",
    )  # fmt: skip
    assert (upload["is_allowed"], upload["is_outbound"], upload["user_name"], upload["protocol"]) == (
        True, True, "hanako", "TCP",
    )  # fmt: skip
    assert (denied["is_allowed"], denied["logged_at"], denied["target_port"]) == (
        False, datetime(2026, 9, 28, 12, 6, tzinfo=UTC), 22,
    )  # fmt: skip
    assert (inbound["logged_at"], inbound["logged_local"]) == (
        None, datetime(2026, 9, 28, 21, 7, tzinfo=UTC).replace(tzinfo=None),
    )  # fmt: skip
    assert (inbound["is_outbound"], inbound["received_bytes"]) == (False, 524288000)


def test_sessions_of_palo_alto_are_exact_only_where_a_zone_is_told() -> None:
    found = fixture("palo-alto")
    assert found.problems == []
    plain, exact, denied = found.table(TABLE)
    assert (plain["logged_at"], plain["sent_bytes"], plain["received_bytes"], plain["rule_name"]) == (
        None, 73400320, 81234, "web, out",
    )  # fmt: skip
    assert (plain["user_name"], plain["source_port"], plain["target_port"], plain["session_id"]) == (
        r"mihon\hanako", 51000, 443, 77,
    )  # fmt: skip
    assert exact["logged_at"] == datetime(2026, 9, 28, 12, 5, 32, 123000, tzinfo=UTC)
    assert (denied["is_allowed"], denied["firewall_action"], denied["received_bytes"]) == (
        False,
        "reset-both",
        0,
    )


def test_what_was_refused_or_came_from_outside_is_no_network_reached() -> None:
    (answer,) = SESSIONS.answers
    assert answer.where == "is_allowed is not false and is_outbound is not false"
    assert dict(answer.columns)["sent_bytes"] == "sent_bytes"


@pytest.mark.parametrize(
    ("source", "target", "is_outbound"),
    [
        ("10.1.2.3", "203.0.113.9", True),
        ("203.0.113.9", "192.168.1.2", False),
        ("10.1.2.3", "172.31.0.1", None),
        ("172.32.0.1", "203.0.113.9", None),
        ("fd00::1", "2001:db8::7", True),
        ("host", "203.0.113.9", None),
    ],
)
def test_the_inside_is_what_is_private(source: str, target: str, is_outbound: bool | None) -> None:
    assert firewall_lines.is_outbound(source, target) is is_outbound


@pytest.mark.parametrize("stored", ["1790597133", "1790597133123", "1790597133123456", "1790597133123456789"])
def test_an_epoch_is_read_by_its_length(stored: str) -> None:
    at, _ = firewall_lines.clocks({"eventtime": stored})
    assert at is not None
    assert at.replace(microsecond=0) == AT.replace(microsecond=0)


def test_damage_is_told_and_the_rest_read() -> None:
    found = fixture("damaged")
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:1", "sent_bytes"),
        (ProblemKind.DAMAGED, "line:2", "logged_at"),
        (ProblemKind.DAMAGED, "line:3", None),
        (ProblemKind.DAMAGED, "line:4", None),
    ]
    assert [status for _, _, status, _ in found.rows] == ["partial"] * 3


def test_it_is_wanted_by_its_lines() -> None:
    for name in ("fortigate", "palo-alto"):
        assert select((firewall,), "/handed/over.txt", firewall_scenarios()[name].content[:4096]).chosen
    for other in (
        b"logid is=type\n",
        b"1,2026/09/28,x,TRAFFIC,\n",
        b"Sep 28 21:05:33 fw kernel: IN=lo SRC=1.2.3.4\n",
    ):
        assert not select((firewall,), "/handed/over.txt", other).chosen


@pytest.mark.parametrize("name", sorted(firewall_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = firewall_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=8, count=100)):
        found = run(firewall, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
