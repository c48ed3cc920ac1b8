"""Access logs of proxies, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders.server_logs import FOLDER, proxy_scenarios
from parsers.servers.proxy import PROXY_LOG, proxy
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "server_proxy_access"
AT = datetime(2026, 9, 28, 12, 5, 33, tzinfo=UTC)


def fixture(name: str) -> Yielded:
    one = proxy_scenarios()[name]
    return run(proxy, artefact(FOLDER / "proxy" / name / one.artefact, one.path))


def test_squid_tells_what_it_gave_and_never_what_was_uploaded() -> None:
    found = fixture("squid")
    assert found.problems == []
    page, tunnel, denied, none = found.table(TABLE)
    assert (page["requested_at"], page["url"], page["user_name"], page["sent_bytes"], page["server_address"]) == (
        AT + timedelta(milliseconds=779), "http://news.example/a b?c=1", "hanako", 4110, "192.0.2.80",
    )  # fmt: skip
    assert (tunnel["method"], tunnel["host"], tunnel["content_type"]) == ("CONNECT", "upload.example", None)
    assert [one["is_denied"] for one in (page, tunnel, denied, none)] == [False, False, True, False]
    assert (none["method"], none["status_code"], none["host"]) == (None, None, None)
    assert all(one["uploaded_bytes"] is None for one in found.table(TABLE))


def test_the_form_of_apache_is_read_with_what_squid_did() -> None:
    page, tunnel = fixture("squid-combined").table(TABLE)
    assert (page["requested_at"], page["action"], page["url"], page["host"]) == (
        AT, "TCP_MISS", "http://news.example/", "news.example",
    )  # fmt: skip
    assert (tunnel["host"], tunnel["url"], tunnel["sent_bytes"]) == (
        "upload.example",
        "upload.example:443",
        8123,
    )


def test_bytes_of_an_upload_and_what_the_filter_denied() -> None:
    found = fixture("blue-coat")
    assert found.problems == []
    upload, denied = found.table(TABLE)
    assert (upload["requested_at"], upload["uploaded_bytes"], upload["sent_bytes"], upload["url"]) == (
        AT, 73400320, 812, "https://upload.example/put?name=%E9%A1%A7%E5%AE%A2",
    )  # fmt: skip
    assert (upload["user_name"], upload["is_denied"]) == (r"MIHON\hanako", False)
    # The action is that of the page the filter shows.
    assert (denied["is_denied"], denied["action"], denied["url"]) == (
        True,
        "TCP_ERR_MISS",
        "http://mail.example:8080/",
    )
    (gateway,) = fixture("forefront").table(TABLE)
    assert (gateway["method"], gateway["host"], gateway["uploaded_bytes"]) == (
        "POST",
        "upload.example",
        5242880,
    )
    assert gateway["is_denied"] is None


def test_what_left_is_what_was_uploaded() -> None:
    network, visited = PROXY_LOG.answers
    assert dict(network.columns)["sent_bytes"] == "uploaded_bytes"
    assert dict(network.columns)["received_bytes"] == "sent_bytes"
    assert "is_denied" in network.where and "is_denied" in visited.where


def test_damage_is_told_and_the_rest_read() -> None:
    found = fixture("damaged")
    assert [one.locator for one in found.problems] == ["line:3"]
    assert [one["host"] for one in found.table(TABLE)] == ["news.example", None]


def test_it_is_wanted_by_its_lines() -> None:
    for one in proxy_scenarios().values():
        assert select((proxy,), "/handed/over.txt", one.content[:4096]).chosen, one.path
    for other in (
        b'192.0.2.1 - - [28/Sep/2026:21:05:33 +0900] "GET / HTTP/1.1" 200 12 "-" "x"\n',
        b"#Fields: date time c-ip cs-method cs-uri-stem sc-status\n",
        b"1790597133.779 seconds\n",
    ):
        assert not select((proxy,), "/handed/over.txt", other).chosen


@pytest.mark.parametrize("name", sorted(proxy_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = proxy_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=6, count=100)):
        found = run(proxy, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
