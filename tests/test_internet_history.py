"""Histories, caches and downloads of Internet Explorer up to version 9, from bytes."""

from __future__ import annotations

import random
import struct
from datetime import UTC, datetime
from pathlib import Path

import pymsiecf
import pytest

from fixtures.builders import index_dat as builder
from parsers.browsers.internet_history import internet_history
from parsers.contract import ProblemKind
from parsers.formats import wininet
from tests.artefacts import Yielded, artefact, from_bytes, run

FOLDER = builder.FOLDER / "internet_history"
PATH = "/Users/eigyo/AppData/Local/Microsoft/Windows/History/History.IE5/index.dat"
AT = datetime(2026, 9, 28, 9, 12, 30, 512000, tzinfo=UTC)


def fixture(name: str) -> Yielded:
    return run(internet_history, artefact(FOLDER / name / "index.dat", PATH))


def test_a_visit_has_address_account_title_time_and_count() -> None:
    row = fixture("history").table("browser_visit")[0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "browser": "internet_explorer",
        "profile_name": "eigyo",
        "account": "eigyo",
        "history_store": "history",
        "visited_at": AT,
        "url": "http://portal.client.example/list?id=7",
        "page_title": "社内ポータル",
        "visit_count": 3,
    }


def test_files_on_a_medium_and_a_share_were_opened() -> None:
    rows = fixture("history").table("browser_visit")
    assert (rows[1]["account"], rows[1]["opened_path"]) == ("eigyo", "E:\\営業部\\list a.xls")
    # Stored in code page 932, account and address.
    assert (rows[2]["account"], rows[2]["url"]) == ("見本花子", "file://fs01/共有/計画.doc")
    assert rows[2]["opened_path"] == "\\\\fs01\\共有\\計画.doc"


def test_a_deleted_record_is_recovered_and_an_odd_time_told() -> None:
    found = fixture("history")
    assert [(row["url"], status) for _, _, status, row in found.rows][3:] == [
        ("about:blank", "partial"),
        ("http://last.example/", "ok"),
        ("http://removed.example/", "recovered"),
    ]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "visited_at")]


def test_a_day_keeps_both_clocks_and_a_week_the_machines_alone() -> None:
    daily, host, odd = fixture("daily").table("browser_visit")
    assert (daily["history_store"], daily["visited_at"]) == ("daily", AT)
    assert daily["visited_local"] == datetime(2026, 9, 28, 18, 12, 30, 512000)  # noqa: DTZ001
    assert (host["url"], host["opened_path"]) == (":Host: portal.client.example", None)
    assert (odd["history_store"], odd["url"], odd.get("visited_at")) == ("periodic", "http://odd.example/", None)  # fmt: skip
    weekly = fixture("weekly").table("browser_visit")[0]
    assert (weekly["history_store"], weekly.get("visited_at")) == ("weekly", None)
    assert weekly["visited_local"] == datetime(2026, 9, 25, 18, 12, 30, 512000)  # noqa: DTZ001
    assert weekly["opened_path"] == "E:\\営業部\\list a.xls"


def test_cached_content_a_redirect_a_leak_and_a_cookie() -> None:
    found = fixture("content")
    content, redirect, leak, cookie, odd = found.table("browser_cache")
    assert (content["cache_file_name"], content["cache_folder"], content["cached_bytes"]) == (
        "logo[1].gif",
        "E5F6G7H8",
        4286,
    )
    assert (content["account"], content["hit_count"]) == ("eigyo", 4)
    assert content["cache_expires_at"] == datetime(2026, 10, 5, 9, 12, 30, tzinfo=UTC)
    assert content["content_modified_at"] == datetime(2026, 8, 29, 9, 12, 30, 512000, tzinfo=UTC)
    assert str(content["response_headers"]).startswith("HTTP/1.1 200 OK\r\n")
    assert (redirect["cache_record"], redirect["url"]) == ("redirect", "http://go.example/?id=1")
    assert (leak["cache_record"], leak["cache_file_name"], leak["cached_bytes"]) == ("leak", "old[1].htm", 812)  # fmt: skip
    assert (cookie["cache_store"], cookie["account"], cookie["url"]) == ("cookies", "eigyo", "portal.client.example/")  # fmt: skip
    assert (cookie["cache_expires_at"], cookie["cache_folder"], odd["cache_folder"]) == (None, None, None)
    assert [one.column for one in found.problems] == ["cache_expires_at"]


def test_a_download_names_address_page_and_path() -> None:
    found = fixture("downloads")
    whole, broken, cut = found.table("browser_download")
    assert {name: value for name, value in whole.items() if value is not None} == {
        "browser": "internet_explorer",
        "profile_name": "eigyo",
        "download_state": "complete",
        "started_at": AT,
        "total_bytes": 17_091_624,
        "url": "http://cdn.client.example/a.zip",
        "referrer_url": "http://portal.client.example/",
        "target_path": "C:\\Users\\eigyo\\Downloads\\名簿.zip",
    }
    assert (broken["download_state"], broken["target_path"], broken["referrer_url"]) == ("interrupted", "E:\\b.zip", None)  # fmt: skip
    # Where its data tells no time the record's own is taken, which is the same.
    assert (broken["started_at"], cut["started_at"], cut.get("url")) == (AT, AT, None)
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "url")]


@pytest.mark.parametrize(
    ("stored", "store", "account", "url"),
    [
        ("Visited: a b@http://x/@y", "history", "a b", "http://x/@y"),
        ("visited:http://x/", "history", None, "http://x/"),
        (":2026092820260929: a@file:///E:/", "daily", "a", "file:///E:/"),
        (":2026083120260907: @http://x/", "weekly", None, "http://x/"),
        ("DOMStore:http://x/", "dom_store", None, "http://x/"),
        ("userdata:a@http@x/", "user_data", "a", "http@x/"),
        ("PrivacIE:x.example/ad", "in_private_filter", None, "x.example/ad"),
        ("res://ieframe.dll/a.htm", "content", None, "res://ieframe.dll/a.htm"),
        ("", "content", None, ""),
    ],
)
def test_an_address_is_taken_apart(stored: str, store: str, account: str | None, url: str) -> None:
    found = wininet.location(stored)
    assert (found.store, found.account, found.url) == (store, account, url)


@pytest.mark.parametrize(
    "data", [b"", b"\1", b"\0\0\x10\x1f", b"\x06\0\x10\x1f\0\0", b"\xff\xff\x10\x1f\0\xd8"]
)
def test_odd_data_of_a_visit_holds_no_title_or_what_there_is(data: bytes) -> None:
    assert wininet.page_title(data) in (None, "\\x00\\xd8")


def test_fat_times() -> None:
    assert wininet.fat_instant(0x58AA4719) == datetime(2015, 8, 25, 11, 5, 20, tzinfo=UTC)
    assert (wininet.fat_instant(0), wininet.fat_instant(0xFFFFFFFF)) == (None, None)


def test_the_library_sees_the_records_the_builder_wrote() -> None:
    """libmsiecf tells a visit's kind itself, which ours must agree with."""
    kinds = {}
    for name in ("history", "daily", "weekly", "content"):
        file = pymsiecf.file()
        file.open(str(FOLDER / name / "index.dat"))
        kinds[name] = file.get_item(0).type
    assert kinds == {"history": "history", "daily": "history-daily", "weekly": "history-weekly", "content": "cache"}  # fmt: skip


def test_a_file_cut_short_gives_the_records_before_the_cut(tmp_path: Path) -> None:
    content = (FOLDER / "history" / "index.dat").read_bytes()
    found = run(internet_history, from_bytes(content[:20992], tmp_path, "index.dat"))
    assert [row["url"] for row in found.table("browser_visit")] == [
        "http://portal.client.example/list?id=7",
        "file:///E:/%E5%96%B6%E6%A5%AD%E9%83%A8/list%20a.xls",
    ]
    assert {status for _, _, status, _ in found.rows} == {"partial"}
    assert found.problems[0].kind is ProblemKind.TRUNCATED


@pytest.mark.parametrize("place", [28, 32, 72])
def test_a_damaged_header_loses_no_records(place: int, tmp_path: Path) -> None:
    content = bytearray((FOLDER / "history" / "index.dat").read_bytes())
    struct.pack_into("<I", content, place, 0x7FFFFF80)
    found = run(internet_history, from_bytes(bytes(content), tmp_path, "index.dat"))
    assert len(found.table("browser_visit")) == 6
    assert found.problems[0].kind in (ProblemKind.TRUNCATED, ProblemKind.DAMAGED)


def test_another_file_of_this_name_is_told(tmp_path: Path) -> None:
    found = run(internet_history, from_bytes(b"[misc]\r\na.doc=0\r\n", tmp_path, "index.dat"))
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]


@pytest.mark.parametrize("name", ["history", "content", "downloads"])
def test_cuts_and_changed_bytes_never_raise(name: str, tmp_path: Path) -> None:
    content = (FOLDER / name / "index.dat").read_bytes()
    for size in (0, 20, 40, 600, 16384, 20480, 20500, len(content) - 1):
        assert run(internet_history, from_bytes(content[:size], tmp_path, "index.dat")).problems
    for seed in range(80):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            least = chance.choice((0, 0x5000))
            changed[chance.randrange(least, len(changed))] = chance.randrange(256)
        run(internet_history, from_bytes(bytes(changed), tmp_path, "index.dat"))
