"""Access logs of web servers, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders.server_logs import FOLDER, web_access_scenarios
from parsers import all_parsers
from parsers.contract import Batch, ProblemKind
from parsers.formats import log_rows
from parsers.servers.web_access import web_access
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "server_web_access"
AT = datetime(2026, 9, 28, 12, 5, 33, tzinfo=UTC)
LINE = b'198.51.100.7 - - [28/Sep/2026:21:05:33 +0900] "GET /%d HTTP/1.1" 200 12 "-" "x"\n'


def fixture(name: str) -> Yielded:
    one = web_access_scenarios()[name]
    return run(web_access, artefact(FOLDER / "web_access" / name / one.artefact, one.path))


def test_requests_of_the_combined_form_are_told_whole() -> None:
    found = fixture("combined")
    assert found.problems == []
    export, injection, site, garbage, absolute, silent = found.table(TABLE)
    assert (export["requested_at"], export["path"], export["query"], export["sent_bytes"]) == (
        AT, "/members/export.php", "from=1&to=5000", 1848213,
    )  # fmt: skip
    assert (injection["user_name"], injection["forwarded_for"], injection["line_rest"]) == (
        "見本花子", "203.0.113.9, 10.0.0.4", "0.412",
    )  # fmt: skip
    assert (site["host"], site["server_port"], site["client_ip"], site["user_name"], site["sent_bytes"]) == (
        "shop.mihon.example", 443, "2001:db8::7", "admin", 0,
    )  # fmt: skip
    assert (garbage["method"], garbage["path"]) == (None, r"\x16\x03\x01")
    assert (absolute["host"], absolute["path"], absolute["query"]) == ("other.example", "/a b", "c")
    assert (silent["method"], silent["path"], silent["status_code"]) == (None, None, 408)


def test_haproxy_tells_its_own_wall_clock_and_no_instant() -> None:
    found = fixture("haproxy")
    assert found.problems == []
    export, garbage, dump = found.table(TABLE)
    assert (export["requested_at"], export["requested_local"]) == (
        None, datetime(2026, 9, 28, 21, 5, 33, 655000),  # noqa: DTZ001
    )  # fmt: skip
    assert (export["client_ip"], export["path"], export["query"], export["status_code"], export["sent_bytes"]) == (
        "198.51.100.7", "/export.php", "all=1", 200, 1848213,
    )  # fmt: skip
    assert export["line_rest"] == "https-in~ shop/srv1 {shop.mihon.example|Mozilla} {}"
    assert (garbage["method"], garbage["path"], garbage["status_code"]) == (None, "<BADREQ>", 408)
    assert (dump["client_ip"], dump["sent_bytes"]) == ("2001:db8::7", 52428800)


def test_what_haproxy_tells_beside_requests_is_no_damage(tmp_path: Path) -> None:
    request = web_access_scenarios()["haproxy"].content.splitlines()[0]
    notices = (
        b"Sep 28 21:05:34 lb01 haproxy[14389]: Server shop/srv1 is DOWN, reason: Layer4 timeout, check duration: 2001ms.",
        b"192.168.1.4:50033 [28/Sep/2026:21:05:34.123] https-in/1: SSL handshake failure",
    )
    cut = request[:80]
    found = run(web_access, from_bytes(b"\n".join((request, *notices, cut)), tmp_path))
    # A request that was cut is no notice.
    assert [one.locator for one in found.problems] == ["line:4"]
    assert len(found.rows) == 1


def test_a_line_of_haproxy_that_syslog_cut_is_told(tmp_path: Path) -> None:
    line = web_access_scenarios()["haproxy"].content.splitlines()[0]
    found = run(web_access, from_bytes(line[:-12], tmp_path))
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "path")]
    assert found.table(TABLE)[0]["path"] == "/export.php"


def test_requests_in_json_are_read_by_the_names_of_their_keys() -> None:
    found = fixture("json")
    assert found.problems == []
    names = ("client_ip", "method", "host", "path", "query", "status_code", "sent_bytes", "received_bytes")
    assert [tuple(one[name] for name in names) for one in found.table(TABLE)] == [
        (
            "198.51.100.7",
            "GET",
            "shop.mihon.example",
            "/members/export.php",
            "from=1&to=5000",
            200,
            1848213,
            611,
        ),
        ("198.51.100.8", "POST", "shop.mihon.example", "/upload", "to=%E4%BC%9A%E5%93%A1", 201, 2900, 70211),
        ("2001:db8::7", "GET", "shop.mihon.example", "/dump.sql", None, 200, 52428800, None),
        ("203.0.113.6", "GET", "shop.mihon.example", "/a", "b=1", 403, 13, None),
        ("203.0.113.7", "GET", "shop.mihon.example", "/list.csv", "x=1", 200, 4096, 99),
        ("203.0.113.8", "HEAD", None, "/", None, 304, None, None),
    ]
    times = [one["requested_at"] for one in found.table(TABLE)]
    assert times[:5] == [
        AT,
        AT.replace(second=34, microsecond=123456),
        AT.replace(second=35, microsecond=500000),
        AT.replace(second=36),
        AT.replace(second=37, microsecond=1),
    ]
    assert (times[5], found.table(TABLE)[5]["requested_local"]) == (None, datetime(2026, 9, 28, 21, 5, 38))  # noqa: DTZ001
    assert found.table(TABLE)[0]["forwarded_for"] == "203.0.113.9, 10.0.0.4"
    assert found.table(TABLE)[1]["user_name"] == "hanako"


def test_damaged_lines_of_json_are_told_and_the_rest_read() -> None:
    found = fixture("damaged-json")
    assert [(one.locator, one.column) for one in found.problems] == [
        ("line:1", "requested_at"),
        ("line:2", "sent_bytes"),
        ("line:3", None),
        ("line:4", "sent_bytes"),
        ("line:4", "requested_at"),
        ("offset:499", None),
    ]
    assert len(found.rows) == 4


@pytest.mark.parametrize(
    "line",
    [
        '{"client":"株式会社 見本","status":"受注","path":"/a"}',
        '{"client":"A","status":7,"url":"https://a.example"}',
        '{"name":"見本 太郎","status":200}',
        "[" * 5000,
        '{"remote_addr":"198.51.100.7","status":200}',
    ],
)
def test_other_json_is_no_log_of_requests(line: str) -> None:
    assert not select((web_access,), "/x.jsonl", f"{line}\n{line}\n".encode()[:4096]).chosen


def test_a_log_is_read_as_text_too_by_whatever_name_and_only_once() -> None:
    combined = web_access_scenarios()["combined"].content
    lines = web_access_scenarios()["json"].content[:4096]
    for path, head, readers in (
        ("/var/log/nginx/access.log", combined, {"documents/text", "servers/web_access"}),
        ("/var/log/httpd/access_log.1", combined, {"documents/text", "servers/web_access"}),
        ("/logs/requests.jsonl", lines, {"documents/json_document", "servers/web_access"}),
        ("/logs/requests.1", lines, {"documents/text", "servers/web_access"}),
        ("/srv/notes.1", b"no log\n" * 50, set()),
    ):
        assert {one.full_name for one in select(all_parsers(), path, head).chosen} == readers, path


def test_fields_of_iis_may_change_and_its_head_tells_the_date() -> None:
    found = fixture("iis")
    assert found.problems == []
    first, export, upload = found.table(TABLE)
    assert (first["path"], first["user_name"], first["sent_bytes"]) == (
        "/会員/一覧.aspx",
        r"MIHON\hanako",
        None,
    )
    assert (export["requested_at"], export["sent_bytes"], export["received_bytes"], export["forwarded_for"]) == (
        datetime(2026, 9, 28, 13, 0, 1, tzinfo=UTC), 52428800, 611, "203.0.113.9",
    )  # fmt: skip
    assert (upload["client_ip"], upload["received_bytes"], upload["forwarded_for"]) == (
        "10.0.0.4",
        70211,
        None,
    )
    assert [locator for _, locator, _, _ in found.rows] == ["line:5", "line:8", "line:9"]


def test_a_load_balancer_and_cloudfront_tell_the_client_and_the_site() -> None:
    through, refused = fixture("balancer").table(TABLE)
    assert (through["client_ip"], through["host"], through["sent_bytes"], through["received_bytes"]) == (
        "198.51.100.7", "shop.mihon.example", 1848213, 512,
    )  # fmt: skip
    assert through["requested_at"] == AT + timedelta(microseconds=186641)
    assert (refused["client_ip"], refused["server_address"], refused["status_code"]) == (
        "2001:db8::7",
        None,
        460,
    )
    (front,) = fixture("cloudfront").table(TABLE)
    assert (front["log_kind"], front["host"], front["path"], front["sent_bytes"], front["received_bytes"]) == (
        "cloudfront", "shop.mihon.example", "/view/list.csv", 2390282, 23,
    )  # fmt: skip


def test_damage_is_told_and_the_rest_read() -> None:
    found = fixture("damaged")
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:2", "requested_at"),
        (ProblemKind.DAMAGED, "line:4", "user_agent"),
        (ProblemKind.DAMAGED, "line:5", None),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok", "partial", "ok", "partial", "ok"]
    found = fixture("damaged-iis")
    assert [(one.locator, one.column) for one in found.problems] == [
        ("line:3", None), ("line:4", "requested_at"), ("line:5", "sent_bytes"),
    ]  # fmt: skip
    assert [status for _, _, status, _ in found.rows] == ["ok", "partial", "partial", "partial"]


@pytest.mark.parametrize(
    ("front", "host", "client", "user"),
    [
        ("192.0.2.1 - -", None, "192.0.2.1", None),
        ("192.0.2.1 - Mihon Hanako", None, "192.0.2.1", "Mihon Hanako"),
        ("shop.example 192.0.2.1 - hanako", "shop.example", "192.0.2.1", "hanako"),
        ("[2001:db8::1]:443 192.0.2.1 - -", "[2001:db8::1]", "192.0.2.1", None),
        ("shop.example:80 client.example - -", "shop.example", "client.example", None),
    ],
)
def test_what_stands_before_the_time(front: str, host: str, client: str, user: str, tmp_path: Path) -> None:
    content = f'{front} [28/Sep/2026:21:05:33 +0900] "GET / HTTP/1.1" 200 12\n'.encode()
    (row,) = run(web_access, from_bytes(content, tmp_path)).table(TABLE)
    assert (row["host"], row["client_ip"], row["user_name"]) == (host, client, user)


def test_many_lines_come_in_batches_in_order(tmp_path: Path) -> None:
    content = b"".join(LINE % number for number in range(3 * log_rows.BATCH_ROWS + 1))
    batches = [one for one in web_access.parse(from_bytes(content, tmp_path)) if isinstance(one, Batch)]
    assert [one.rows.num_rows for one in batches] == [log_rows.BATCH_ROWS] * 3 + [1]
    assert batches[-1].rows["path"].to_pylist() == [f"/{3 * log_rows.BATCH_ROWS}"]


def test_problems_are_told_up_to_a_budget(tmp_path: Path) -> None:
    count = log_rows.MOST_PROBLEMS + 7
    found = run(web_access, from_bytes(LINE % 1 + b"no request\n" * count, tmp_path))
    assert len(found.problems) == log_rows.MOST_PROBLEMS + 1
    assert (found.problems[-1].kind, found.problems[-1].message[:1]) == (ProblemKind.LIMIT, "7")


def test_it_is_wanted_by_its_lines_and_told_where_only_the_name_fits() -> None:
    every = web_access_scenarios()
    for one in every.values():
        assert select((web_access,), one.path, one.content[:4096]).chosen, one.path
        assert select((web_access,), "/handed/over.txt", one.content[:4096]).chosen, one.path
    for other in (
        b"1286536308.779 180 192.0.2.1 TCP_MISS/200 411 GET http://a.example/ - HIER_DIRECT/192.0.2.2 text/html\n",
        b'192.0.2.1 - - [28/Sep/2026:21:05:33 +0900] "GET http://a/ HTTP/1.1" 200 12 "-" "x" TCP_MISS:HIER_DIRECT\n',
        b"#Fields: date time c-ip cs-username s-action cs-uri-stem\n",
        b"[Thu Oct 13 12:24:49.880562 2022] [auth_basic:error] [pid 10] AH01618: user sss not found: /\n",
    ):
        assert not select((web_access,), "/handed/over.txt", other).chosen
        assert select((web_access,), "/var/log/httpd/access_log", other).refused


@pytest.mark.parametrize("name", sorted(web_access_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = web_access_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=5, count=100)):
        found = run(web_access, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
