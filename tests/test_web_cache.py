"""WebCacheV01.dat from bytes: what Explorer opened, what was visited, downloaded and kept."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fixtures.builders import ese
from fixtures.builders import web_cache as builder
from fixtures.builders.ese_databases import damaged
from parsers.contract import PROVENANCE, ProblemKind
from parsers.windows.web_cache import web_cache
from pipeline.tables import read, write
from pipeline.tables.schema import all_tables
from pipeline.tables.write import rows_to_table
from tests.artefacts import Yielded, artefact, from_bytes, run

FILE = builder.FOLDER / "web_cache" / "user" / "WebCacheV01.dat"
PATH = "/Users/eigyo/AppData/Local/Microsoft/Windows/WebCache/WebCacheV01.dat"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
CLOCK = datetime(2026, 9, 28, 18, 12, 30, 123456)  # noqa: DTZ001


def fixture() -> Yielded:
    return run(web_cache, artefact(FILE, PATH))


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_a_file_explorer_opened_has_path_time_account_and_count() -> None:
    assert plain(fixture().table("browser_visit")[0]) == {
        "browser": "internet_explorer",
        "profile_name": "eigyo",
        "account": "eigyo",
        "history_store": "history",
        "visited_at": AT,
        "url": "file:///E:/%E5%96%B6%E6%A5%AD%E9%83%A8/%E9%A1%A7%E5%AE%A2%E5%90%8D%E7%B0%BF.xlsx",
        "opened_path": "E:\\営業部\\顧客名簿.xlsx",
        "visit_count": 3,
    }


def test_a_page_a_share_a_host_and_the_first_edge() -> None:
    rows = fixture().table("browser_visit")
    assert (rows[1]["page_title"], rows[1]["opened_path"]) == ("社内ポータル" * 40, None)
    assert rows[2]["opened_path"] == "\\\\fs01\\共有\\計画.docx"
    assert (rows[5]["url"], rows[5]["opened_path"]) == (":Host: このコンピューター", None)
    assert (rows[7]["browser"], rows[7]["url"]) == ("edge_legacy", "https://edge.example/")


def test_a_day_keeps_both_clocks_and_a_week_the_machines_alone() -> None:
    daily, _, weekly = fixture().table("browser_visit")[4:7]
    assert (daily["history_store"], daily["visited_at"], daily["visited_local"]) == ("daily", AT, CLOCK)
    assert (weekly["history_store"], weekly["visited_at"], weekly["visited_local"]) == ("weekly", None, CLOCK)


def test_a_download_names_address_page_path_and_size() -> None:
    whole, cut = fixture().table("browser_download")
    assert plain(whole) == {
        "browser": "internet_explorer",
        "profile_name": "eigyo",
        "download_state": "complete",
        "started_at": AT,
        "total_bytes": 5_000_000_000,
        "url": "https://cdn.client.example/a.zip",
        "referrer_url": "https://portal.client.example/",
        "target_path": "C:\\Users\\eigyo\\Downloads\\持出し.zip",
    }
    assert (cut["started_at"], cut.get("target_path")) == (AT, None)


def test_content_and_cookies_are_kept_apart() -> None:
    content, cookie = fixture().table("browser_cache")
    assert plain(content) == {
        "browser": "internet_explorer",
        "profile_name": "eigyo",
        "cache_store": "content",
        "cache_record": "url",
        "cache_folder": "C:\\Users\\eigyo\\AppData\\Local\\Microsoft\\Windows\\INetCache\\IE\\",
        "url": "https://portal.client.example/index.html",
        "cache_file_name": "index[1].htm",
        "cached_bytes": 4286,
        "hit_count": 2,
        "cache_created_at": datetime(2026, 9, 27, 9, 12, 30, 123456, tzinfo=UTC),
        "cache_accessed_at": AT,
        "content_modified_at": datetime(2026, 8, 29, 9, 12, 30, 123456, tzinfo=UTC),
        "cache_expires_at": datetime(2026, 10, 5, 9, 12, 30, 123456, tzinfo=UTC),
        "cache_checked_at": AT,
        "response_headers": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
    }
    assert (cookie["cache_store"], cookie["account"], cookie["url"]) == ("cookies", "eigyo", "portal.client.example/")  # fmt: skip
    # -1 stands for a cookie that does not expire.
    assert cookie["cache_expires_at"] is None


def test_what_is_wrong_is_told_once_each() -> None:
    assert [(one.kind, one.locator, one.column) for one in fixture().problems] == [
        (ProblemKind.AMBIGUOUS, "52", None),
        (ProblemKind.DAMAGED, "Container_1#3", "visited_at"),
        (ProblemKind.DAMAGED, "Container_1#4", "url"),
        (ProblemKind.DAMAGED, "Container_4#2", "url"),
        (ProblemKind.AMBIGUOUS, "Containers#9", None),
    ]


def test_questions_hold_pages_apart_from_files_and_hosts(tmp_path: Path) -> None:
    found = fixture()
    for name in ("browser_visit", "browser_download", "browser_cache"):
        stored = rows_to_table(all_tables()[name], found.table(name))
        write.write_part(stored, tmp_path / "tables" / name / "1.parquet")

    def asked(sql: str) -> list[tuple[Any, ...]]:
        return read.ask(tmp_path / "tables", sql)[1]

    assert asked("SELECT url FROM visited WHERE url IS NOT NULL ORDER BY url") == [
        ("https://edge.example/",),
        ("https://portal.client.example/",),
    ]
    assert asked("SELECT what, account, count(*), count(o.at) FROM opened o GROUP BY ALL ORDER BY what") == [
        ("E:\\営業部\\顧客名簿.xlsx", "eigyo", 3, 2),
        ("\\\\fs01\\共有\\計画.docx", "eigyo", 1, 0),
    ]
    assert asked("SELECT url, what FROM downloaded WHERE url IS NOT NULL") == [
        ("https://cdn.client.example/a.zip", "C:\\Users\\eigyo\\Downloads\\持出し.zip")
    ]


def test_a_week_is_an_instant_where_the_zone_of_the_machine_is_known(tmp_path: Path) -> None:
    said = {"from_local": CLOCK.replace(year=2020), "until_local": CLOCK.replace(year=2030), "earliest_offset_minutes": 540, "latest_offset_minutes": 540}  # fmt: skip
    provenance = dict.fromkeys(PROVENANCE, "")
    visits = [{**row, **provenance} for row in fixture().table("browser_visit")]
    for name, rows in (("browser_visit", visits), ("machine_clock", [{**said, **provenance}])):
        stored = rows_to_table(all_tables()[name], rows)
        write.write_part(stored, tmp_path / "tables" / name / "1.parquet")
    _, found = read.ask(tmp_path / "tables", "SELECT o.at FROM opened o WHERE what LIKE 'E:%'")
    # 18:12:30 by a clock nine hours ahead is what the other two say.
    assert found == [(AT,)] * 3


def test_pages_of_32_kib_give_the_same_rows(tmp_path: Path) -> None:
    large = run(
        web_cache, from_bytes(ese.build(builder.tables(), page_size=32768, state=ese.DIRTY), tmp_path)
    )
    assert [row.get("url") for _, _, _, row in large.rows] == [
        row.get("url") for _, _, _, row in fixture().rows
    ]


def test_tables_no_container_names_are_told(tmp_path: Path) -> None:
    first, history, *_ = builder.tables()
    renamed = ese.EseTable(name="Container_77", columns=history.columns, rows=history.rows)
    found = run(web_cache, from_bytes(ese.build([first, renamed]), tmp_path))
    assert found.rows == []
    assert (found.problems[-1].kind, found.problems[-1].locator) == (ProblemKind.AMBIGUOUS, "Container_77")
    (problem,) = run(web_cache, from_bytes(ese.build([renamed]), tmp_path)).problems
    assert (problem.kind, problem.locator) == (ProblemKind.DAMAGED, "Containers")


def test_two_containers_of_one_number_are_read_once(tmp_path: Path) -> None:
    rows = [builder.entry("Visited: eigyo@http://a.example/")]
    folder = "C:\\x"
    twice = builder.containers((1, "History", folder, rows), (1, "History", folder, None))
    assert len(run(web_cache, from_bytes(ese.build(twice), tmp_path)).rows) == 1


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = ese.build(builder.tables())
    whole = len(run(web_cache, from_bytes(content, tmp_path)).rows)
    for share in (0, 10, 30, 50, 90, 99):
        assert run(web_cache, from_bytes(content[: len(content) * share // 100], tmp_path)).problems
    for seed in range(40):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        found = run(web_cache, from_bytes(bytes(changed), tmp_path))
        assert len(found.rows) == whole or found.problems, f"seed {seed}"
    assert run(web_cache, from_bytes(damaged(content, 4), tmp_path)).problems
