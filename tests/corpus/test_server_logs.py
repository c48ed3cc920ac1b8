"""Real logs of servers: every line a row, or a problem where it is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parsers.servers.auth_log import auth_log
from parsers.servers.firewall import firewall
from parsers.servers.proxy import proxy
from parsers.servers.web_access import web_access
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]


def read(parser, name: str) -> Yielded:
    given = artefact(CORPUS / name)
    assert select([parser], "/handed/over.log", given.head()).chosen
    return run(parser, given)


def lines_of(name: str) -> list[str]:
    """The lines of a log that are no directives."""
    told = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    return [one for one in told if one.strip() and not one.startswith("#")]


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        # A line without the quotation mark at its end.
        ("plaso/test_data/apache_access.log", ["line:8"]),
        ("plaso/test_data/iis/iis6.log", []),
        ("plaso/test_data/iis/iis10.log", []),
        ("plaso/test_data/iis/iis10_edge_cases.log", []),
        ("velociraptor/artifacts/testdata/files/access.log", []),
    ],
)
def test_each_line_of_an_access_log_is_a_request(name: str, damaged: list[str]) -> None:
    found = read(web_access, name)
    rows = found.table("server_web_access")
    assert [one.locator for one in found.problems] == damaged
    assert len(rows) == len(lines_of(name))
    assert all(
        one["requested_at"] and one["client_ip"] and one["method"] and one["status_code"] for one in rows
    )


def test_lines_of_an_error_log_among_them_are_told() -> None:
    found = read(web_access, "hub/.tests/apache2-logs/apache2-logs.log")
    assert len(found.rows) == 7
    assert [one.locator for one in found.problems] == ["line:8", "line:9"]


@pytest.mark.parametrize(
    "name",
    [
        "plaso/test_data/jira_access.log",
        "fail2ban/fail2ban/tests/files/logs/squid",
        "plaso/test_data/windows_firewall.log",
    ],
)
def test_logs_of_other_forms_are_not_taken_for_one(name: str) -> None:
    assert not select([web_access], "/handed/over.log", artefact(CORPUS / name).head()).chosen


def test_requests_that_squid_refused() -> None:
    found = read(proxy, "fail2ban/fail2ban/tests/files/logs/squid")
    rows = found.table("server_proxy_access")
    assert found.problems == []
    assert [(one["client_ip"], one["action"], one["status_code"], one["is_denied"]) for one in rows] == [
        ("91.188.124.227", "TCP_DENIED", 403, True),
        ("175.44.0.184", "NONE", 405, False),
        ("198.74.125.200", "TCP_DENIED", 403, True),
        ("175.42.91.151", "TCP_DENIED", 403, True),
    ]
    assert rows[0]["requested_at"] == datetime(2013, 12, 8, 22, 55, 23, tzinfo=UTC)
    assert rows[0]["host"] == "www.proxy-listen.de"


def test_each_attempt_on_a_server_is_told() -> None:
    name = "loghub/OpenSSH/OpenSSH_2k.log"
    found = read(auth_log, name)
    told = [one for one in found.table("server_auth_event") if one["action"]]
    assert found.problems == []
    tried = [one for one in lines_of(name) if ": Failed " in one or ": Accepted " in one]
    assert [one["line_text"] for one in told if one["auth_method"]] == [
        one.split("]: ", 1)[1].strip() for one in tried
    ]
    assert len(tried) > 500
    assert all(one["from_host"] for one in told if one["auth_method"])
    ((account, host),) = [(one["account"], one["from_host"]) for one in told if one["action"] == "logon"]
    assert (account, host) == ("fztu", "119.137.62.142")


def test_logons_by_two_methods_from_addresses_of_both_kinds() -> None:
    rows = read(auth_log, "plaso/test_data/syslog/syslog_ssh.log").table("server_auth_event")
    assert [(one["auth_method"], one["account"]) for one in rows if one["action"] == "logon"] == [
        ("publickey", "plaso"),
        ("password", "plaso"),
        *[("publickey", "fred")] * 3,
    ]
    assert rows[1]["from_host"] == "2001:0db8:0a0b:12f0:0000:0000:0000:0001"


@pytest.mark.parametrize("name", ["plaso/test_data/syslog/syslog", "loghub/Mac/Mac_2k.log"])
def test_syslog_without_logons_gives_none(name: str) -> None:
    given = artefact(CORPUS / name)
    assert select([auth_log], "/var/log/syslog", given.head()).chosen
    found = run(auth_log, given)
    assert (found.rows, found.problems) == ([], [])


def test_events_of_a_firewall_are_no_sessions() -> None:
    found = read(firewall, "hub/.tests/fortinet-vpn-bf/fortinet-vpn-bf.log")
    assert (found.rows, found.problems) == ([], [])


@pytest.mark.parametrize(
    "name",
    [
        "hub/.tests/pf-logs/pf-logs.log",
        "hub/.tests/mikrotik-logs/mikrotik-logs.log",
        "plaso/test_data/windows_firewall.log",
    ],
)
def test_firewalls_of_other_makers_are_not_taken_for_one(name: str) -> None:
    assert not select([firewall], "/handed/over.log", artefact(CORPUS / name).head()).chosen


def test_packets_of_the_kernel_and_no_line_that_only_looks_like_one() -> None:
    given = artefact(CORPUS / "hub/.tests/iptables-logs/iptables-logs.log")
    assert select([firewall], "/handed/over.log", given.head()).chosen
    found = run(firewall, given)
    assert found.problems == []
    told = [
        (one["firewall_action"], one["is_allowed"], one["target_port"])
        for one in found.table("server_firewall")
    ]
    # One line of four has another key in the place of IN.
    assert told == [(None, None, 8123), (None, None, 8123), ("IPTABLES-DROP", False, 53)]


def test_requests_of_haproxy_and_connections_that_were_none() -> None:
    found = read(web_access, "hub/.tests/haproxy-logs/haproxy-logs.log")
    assert found.problems == []
    told = [(one["client_ip"], one["path"], one["sent_bytes"]) for one in found.table("server_web_access")]
    assert told == [("117.136.40.129", "/xxx/xxx", 739), ("22.118.26.10", "/", 20602)]
