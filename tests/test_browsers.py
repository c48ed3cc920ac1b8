"""Histories of browsers, from bytes."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders import browsers as builder
from fixtures.builders.browsers import AT, FOLDER
from parsers.browsers.chromium_history import chromium_history
from parsers.browsers.firefox_places import firefox_places
from parsers.contract import Parser, ProblemKind
from parsers.formats.browser import browser_of, opened_path
from pipeline.tables import read, write
from pipeline.tables.schema import all_tables
from pipeline.tables.write import rows_to_table
from tests.artefacts import Yielded, artefact, from_bytes, run

MINUTE = timedelta(minutes=1)


def fixture(parser: Parser, name: str) -> Yielded:
    one = builder.scenarios()[parser.name][name]
    return run(parser, artefact(FOLDER / parser.name / name / one.artefact, one.path))


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one.get(name) for name in names) for one in rows]


def test_a_visit_has_page_time_and_how_it_came_about() -> None:
    found = fixture(chromium_history, "edge")
    assert found.problems == []
    rows = found.table("browser_visit")
    first, second, *_, last = rows
    assert (first["url"], first["page_title"], first["visited_at"]) == (
        "https://storage.example/",
        "ストレージ",
        AT,
    )
    assert (first["transition"], first["transition_flags"], first["visit_seconds"]) == (
        "typed",
        ["from_address_bar", "chain_start", "chain_end"],
        12.5,
    )
    assert (first["browser"], first["browser_profile"], first["profile_name"]) == ("edge", "Default", "eigyo")
    assert (first["visit_count"], first["typed_count"], first["is_hidden"]) == (2, 1, False)
    assert (second["from_url"], second["transition"]) == ("https://storage.example/", "link")
    assert (last["transition"], last["transition_flags"]) == ("99", ["server_redirect"])


def test_files_and_visits_of_other_devices_are_told_apart() -> None:
    rows = fixture(chromium_history, "edge").table("browser_visit")
    assert picked(rows, "opened_path", "visit_source") == [
        (None, "browsed"),
        (None, "browsed"),
        ("E:\\名簿\\list a.pdf", "browsed"),
        ("\\\\FS01\\営業部\\x.html", "browsed"),
        (None, "synced"),
        (None, "synced"),
        (None, "browsed"),
    ]


def test_a_download_has_both_ends_and_how_it_ended() -> None:
    rows = fixture(chromium_history, "edge").table("browser_download")
    names = (
        "first_url",
        "url",
        "target_path",
        "started_at",
        "ended_at",
        "received_bytes",
        "total_bytes",
        "download_state",
        "is_opened",
    )
    assert picked(rows, *names) == [
        ("https://a.example/go", "https://b.example/tool.exe", r"C:\Users\eigyo\Downloads\tool.exe", AT + MINUTE, AT + MINUTE + timedelta(seconds=3), 4096, 4096, "complete", True),
        (None, "https://b.example/名簿.zip", r"E:\名簿.zip", AT + 2 * MINUTE, None, 0, None, "interrupted", False),
    ]  # fmt: skip


def test_firefox_tells_visits_and_downloads() -> None:
    found = fixture(firefox_places, "release")
    assert found.problems == []
    visits = found.table("browser_visit")
    assert picked(visits, "url", "opened_path", "transition", "visited_at", "from_url", "page_title") == [
        ("https://news.example/", None, "typed", AT, None, "ニュース"),
        ("file:///E:/a.html", "E:\\a.html", "link", AT + timedelta(seconds=9), "https://news.example/", "a"),
    ]
    (get,) = found.table("browser_download")
    assert (get["url"], get["target_path"]) == (
        "https://b.example/tool.exe",
        r"C:\Users\eigyo\Downloads\ツール.exe",
    )
    assert (get["started_at"], get["download_state"], get["received_bytes"]) == (AT, "complete", 4096)
    # Firefox keeps the end in milliseconds.
    assert get["ended_at"] == (AT + timedelta(seconds=3)).replace(microsecond=123000)


def test_questions_hold_pages_apart_from_files_and_other_devices(tmp_path: Path) -> None:
    found = fixture(chromium_history, "edge")
    for name in ("browser_visit", "browser_download"):
        stored = rows_to_table(all_tables()[name], found.table(name))
        write.write_part(stored, tmp_path / "tables" / name / "1.parquet")

    def asked(sql: str) -> list[tuple[Any, ...]]:
        return read.ask(tmp_path / "tables", sql)[1]

    assert asked("SELECT url FROM visited ORDER BY v.at".replace("visited", "visited v")) == [
        ("https://storage.example/",),
        ("https://storage.example/upload?id=7",),
        ("https://storage.example/",),
    ]
    assert asked("SELECT what, account FROM opened ORDER BY what") == [
        ("E:\\名簿\\list a.pdf", "eigyo"),
        ("\\\\FS01\\営業部\\x.html", "eigyo"),
    ]
    assert asked("SELECT count(*) FROM downloaded") == [(2,)]


def test_the_write_ahead_log_is_applied(tmp_path: Path) -> None:
    visits, _ = builder.chromium_visits()
    later = (("INSERT INTO visits VALUES (8, 1, ?, 0, 0, 0, 0, '')", (builder.webkit(AT + 9 * MINUTE),)),)
    content, log = builder.chromium(visits, (), later)
    (tmp_path / "History").write_bytes(content)
    (tmp_path / "History-wal").write_bytes(log)
    alone = run(chromium_history, artefact(tmp_path / "History"))
    both = run(chromium_history, artefact(tmp_path / "History", **{"-wal": tmp_path / "History-wal"}))
    assert [len(one.table("browser_visit")) for one in (alone, both)] == [7, 8]
    assert both.table("browser_visit")[-1]["is_wal_applied"] is True


def test_values_of_other_types_are_told_and_the_row_kept(tmp_path: Path) -> None:
    visits, _ = builder.chromium_visits()
    later = (
        ("UPDATE visits SET visit_time = 'yesterday' WHERE id = 1", ()),
        ("UPDATE visits SET visit_time = 9223372036854775807 WHERE id = 2", ()),
        ("UPDATE urls SET url = x'ff00' WHERE id = 3", ()),
        ("DELETE FROM urls WHERE id = 4", ()),
        ("UPDATE visits SET visit_time = 0 WHERE id = 5", ()),
    )
    content, log = builder.chromium(visits, (), later)
    (tmp_path / "History").write_bytes(content)
    (tmp_path / "History-wal").write_bytes(log)
    found = run(chromium_history, artefact(tmp_path / "History", **{"-wal": tmp_path / "History-wal"}))
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "visits#1", "visited_at"),
        (ProblemKind.DAMAGED, "visits#2", "visited_at"),
        (ProblemKind.DAMAGED, "urls#3", "url"),
        (ProblemKind.DAMAGED, "visits#4", "url"),
    ]
    rows = found.table("browser_visit")
    assert len(rows) == 7
    assert (rows[0]["visited_at"], rows[0]["url"]) == (None, "https://storage.example/")
    assert (rows[3].get("url"), rows[4]["visited_at"]) == (None, None)


def test_a_database_of_another_kind_is_told(tmp_path: Path) -> None:
    other = builder.firefox([])
    found = run(chromium_history, from_bytes(other, tmp_path, "History"))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])
    history, _ = builder.chromium([])
    found = run(firefox_places, from_bytes(history, tmp_path, "places.sqlite"))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///E:/", "E:\\"),
        ("file:///e|/a/b.txt", "E:\\a\\b.txt"),
        ("FILE:///C:/%E5%90%8D%20%E7%B0%BF.xlsx", "C:\\名 簿.xlsx"),
        ("file://localhost/D:/x", "D:\\x"),
        ("file://srv/share/x", "\\\\srv\\share\\x"),
        ("file:///home/u/x", "/home/u/x"),
        ("file:///E:/%FF.txt", "E:\\\ufffd.txt"),
        ("file://[bad", None),
        ("https://e.example/E:/", None),
        (None, None),
    ],
)
def test_addresses_of_files_become_paths(url: str | None, path: str | None) -> None:
    assert opened_path(url) == path


def test_browsers_are_told_by_their_folders() -> None:
    assert browser_of("/Users/a/AppData/Local/Google/Chrome/User Data/Profile 1/History", "x") == "chrome"
    assert (
        browser_of("/Users/a/AppData/Local/BraveSoftware/Brave-Browser/User Data/Default/History", "x")
        == "brave"
    )
    assert browser_of("/History", "chromium") == "chromium"


@pytest.mark.parametrize(("parser", "name"), [(chromium_history, "edge"), (firefox_places, "release")])
def test_cuts_and_changed_bytes_never_raise(parser: Parser, name: str, tmp_path: Path) -> None:
    one = builder.scenarios()[parser.name][name]
    for size in range(0, len(one.content), 1500):
        assert run(parser, from_bytes(one.content[:size], tmp_path, one.artefact)).problems
    for seed in range(120):
        chance = random.Random(seed)
        changed = bytearray(one.content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        run(parser, from_bytes(bytes(changed), tmp_path, one.artefact))
