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


def columns(found: Yielded, *names: str) -> list[tuple]:
    return [tuple(one[name] for name in names) for one in found.table(TABLE)]


def test_connections_of_cisco_have_who_began_them_and_their_bytes() -> None:
    found = fixture("cisco-asa")
    assert found.problems == []
    told = columns(
        found,
        "firewall_action",
        "source_address",
        "target_address",
        "session_bytes",
        "is_outbound",
        "is_allowed",
    )
    assert told == [
        ("Built", "10.1.2.3", "203.0.113.9", None, True, True),
        ("Teardown", "10.1.2.3", "203.0.113.9", 73481554, True, True),
        ("Built", "198.51.100.7", "10.1.9.80", None, False, True),
        ("Teardown", "198.51.100.7", "10.1.9.80", 512, False, True),
        # Who began it stands in a message before the log: not known.
        ("Teardown", "10.1.2.4", "203.0.113.10", 5242880, None, True),
        ("Deny", "203.0.113.66", "10.1.2.80", None, False, False),
        ("permitted", "10.1.2.3", "203.0.113.53", None, True, True),
        ("Deny", "10.1.2.3", "203.0.113.9", None, True, False),
    ]
    assert columns(found, "session_id", "user_name")[:2] == [(901, None), (901, "MIHON\\hanako")]
    assert columns(found, "source_zone", "target_zone", "source_port", "target_port")[0] == (
        "inside",
        "outside",
        51000,
        443,
    )
    clocks = columns(found, "logged_at", "logged_local")
    assert clocks[0] == (None, datetime(2026, 9, 28, 21, 5, 30))  # noqa: DTZ001
    assert clocks[3] == (datetime(2026, 9, 28, 12, 6, 41, 250000, tzinfo=UTC), None)
    assert clocks[4] == (datetime(2026, 9, 28, 21, 7, tzinfo=UTC), None)
    assert columns(found, "rule_name")[5:7] == [("outside_in",), ("inside_out",)]


def test_packets_of_the_kernel_across_the_turn_of_the_year() -> None:
    found = fixture("netfilter")
    assert found.problems == []
    assert columns(
        found, "firewall_action", "is_allowed", "is_outbound", "source_address", "target_port"
    ) == [
        ("UFW BLOCK", False, False, "203.0.113.66", 22),
        ("UFW ALLOW", True, True, "10.1.9.80", 443),
        ("IPTables-Dropped", False, False, "198.51.100.7", 3306),
        # The packet an error quotes is not the one that passed.
        ("new-conn", None, True, "10.1.9.81", None),
    ]
    assert columns(found, "clock_text", "year_turns", "logged_at")[:3] == [
        ("Dec 31 23:59:58", 1, None),
        ("Jan 1 00:00:02", 0, None),
        (None, None, datetime(2026, 12, 31, 15, 0, 3, 500000, tzinfo=UTC)),
    ]


def test_damaged_messages_of_cisco_are_told_and_the_rest_read() -> None:
    found = fixture("damaged-asa")
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:1", "logged_at"),
        (ProblemKind.DAMAGED, "line:2", None),
        (ProblemKind.DAMAGED, "offset:402", None),
    ]
    assert columns(found, "session_bytes") == [(None,), (9,)]


def test_a_line_that_is_too_long_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    line = firewall_scenarios()["cisco-asa"].content.splitlines()[1]
    found = run(firewall, from_bytes(line + b" " * 70_000 + b"\n" + line, tmp_path))
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.LIMIT, "line:1")]
    assert columns(found, "session_bytes") == [(73481554,), (73481554,)]


def test_a_log_of_the_kernel_is_wanted_by_name_and_by_its_lines() -> None:
    mixed = b"Sep 28 21:05:33 web01 CRON[9]: (root) CMD (x)\n" * 40
    assert select((firewall,), "/var/log/kern.log.1", mixed).chosen
    assert select((firewall,), "/var/log/messages", mixed).chosen
    assert not select((firewall,), "/var/log/cron", mixed).chosen
    for name in ("cisco-asa", "netfilter"):
        assert select((firewall,), "/handed/over.txt", firewall_scenarios()[name].content[:4096]).chosen


def test_what_was_refused_or_came_from_outside_is_no_network_reached() -> None:
    (answer,) = SESSIONS.answers
    assert answer.where.startswith(
        "is_allowed is not false and is_outbound is not false and (logged_at is not null"
    )
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
