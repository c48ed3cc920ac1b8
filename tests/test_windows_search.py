"""The index of Windows Search from bytes: the same items from both kinds of database."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders import ese
from fixtures.builders import sqlite as sqlite_builder
from fixtures.builders.ese import Col, EseTable
from fixtures.builders.ese_databases import FOLDER, LIST, indexed, search_tables
from parsers.contract import ProblemKind
from parsers.windows.windows_search import windows_search
from tests.artefacts import Yielded, artefact, from_bytes, run

AT = datetime(2026, 9, 28, 9, 12, 30, tzinfo=UTC)
FILES = (
    FOLDER / "windows_search" / "edb" / "Windows.edb",
    FOLDER / "windows_search" / "sqlite" / "Windows.db",
)


@pytest.fixture(params=FILES, ids=["ese", "sqlite"])
def found(request: pytest.FixtureRequest) -> Yielded:
    return run(windows_search, artefact(request.param))


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_a_file_has_path_size_times_and_summary(found: Yielded) -> None:
    row = plain(found.table("windows_search_item")[0])
    assert str(row.pop("summary_text")).startswith("会員番号 氏名 会員番号")
    assert row == {
        "work_id": 41,
        "indexed_path": LIST,
        "item_name": "顧客名簿.xlsx",
        "item_url": "file:C:/Users/eigyo/Documents/顧客名簿.xlsx",
        "search_store": "file",
        "item_type": ".xlsx",
        "is_folder": False,
        "indexed_bytes": 5_000_000_000,
        "attributes_flags": 0x20,
        "owner_name": "JIREI\\eigyo",
        "thumbnail_cache_id": "ffeeddccbbaa9988",
        "indexed_created_at": AT - timedelta(days=9),
        "indexed_modified_at": AT - timedelta(days=2),
        "indexed_accessed_at": AT - timedelta(days=1),
        "gathered_at": AT,
    }


def test_a_folder_has_no_size_and_a_page_no_path(found: Yielded) -> None:
    _, folder, page, _ = map(plain, found.table("windows_search_item"))
    assert (folder["is_folder"], "indexed_bytes" in folder) == (True, False)
    assert page == {
        "work_id": 43,
        "item_url": "iehistory://{S-1-5-21-1-2-3-1001}/https://files.example/up",
        "search_store": "iehistory",
        "gathered_at": AT,
    }


def test_values_that_cannot_be_read_are_problems_of_their_columns(found: Yielded) -> None:
    assert {(one.kind, one.column, one.locator[-3:]) for one in found.problems} == {
        (ProblemKind.DAMAGED, "indexed_bytes", "#44"),
        (ProblemKind.DAMAGED, "indexed_modified_at", "#44"),
    }
    assert [status for _, _, status, _ in found.rows] == ["ok", "ok", "ok", "partial"]


def test_a_table_without_rowid_is_read_the_same(tmp_path: Path) -> None:
    content, _ = sqlite_builder.build(*sqlite_builder.search(indexed(), tail=" WITHOUT ROWID"))
    found = run(windows_search, from_bytes(content, tmp_path))
    assert found.rows == run(windows_search, artefact(FILES[1])).rows


def test_indexes_of_other_kinds_are_told(tmp_path: Path) -> None:
    kinds = {}
    for name in ("SystemIndex_0A", "other"):
        content = ese.build([EseTable(name=name, columns=(Col("DocID", ese.I32),), rows=[{"DocID": 1}])])
        (problem,) = run(windows_search, from_bytes(content, tmp_path)).problems
        kinds[name] = problem.kind
    assert kinds == {"SystemIndex_0A": ProblemKind.UNSUPPORTED, "other": ProblemKind.UNRECOGNISED}
    content, _ = sqlite_builder.build(["CREATE TABLE other (a)"], sqlite_builder.Change())
    assert {one.kind for one in run(windows_search, from_bytes(content, tmp_path)).problems} == {
        ProblemKind.UNRECOGNISED
    }


@pytest.mark.parametrize("name", ["ese", "sqlite"])
def test_cuts_and_changed_bytes_never_raise(name: str, tmp_path: Path) -> None:
    content = ese.build(search_tables()) if name == "ese" else FILES[1].read_bytes()
    for share in (0, 20, 50, 90, 98):
        assert run(windows_search, from_bytes(content[: len(content) * share // 100], tmp_path)).problems
    for seed in range(60):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        run(windows_search, from_bytes(bytes(changed), tmp_path))
