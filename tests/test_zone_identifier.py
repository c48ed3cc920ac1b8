"""Marks of the web, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.ntfs_files import FOLDER, zone_identifier_scenarios
from parsers.contract import ProblemKind
from parsers.windows.zone_identifier import ZONES, zone_identifier
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_zone_identifier"


def fixture(name: str) -> Yielded:
    one = zone_identifier_scenarios()[name]
    return run(zone_identifier, artefact(FOLDER / "zone_identifier" / name / one.artefact, one.path))


def test_a_download_is_told_with_its_address_and_page() -> None:
    found = fixture("download")
    assert found.problems == []
    assert found.table(TABLE) == [
        {
            "marked_path": "/Users/eigyo/Downloads/名簿.zip",
            "zone_id": 3,
            "referrer_url": "https://files.example/一覧?q=a=b",
            "host_url": "https://cdn.files.example/%E5%90%8D%E7%B0%BF.zip",
            "host_ip": "192.0.2.10",
            "other_values": None,
            "codec": "utf-8",
        }
    ]


def test_it_answers_what_was_downloaded_without_a_time() -> None:
    (answer,) = ZONES.answers
    assert dict(answer.columns) == {"url": "host_url", "what": "marked_path"}


def test_a_mark_of_a_store_application_keeps_what_has_no_column() -> None:
    (row,) = fixture("store-application").table(TABLE)
    assert (row["writer_package"], row["zone_id"], row["app_zone_id"]) == (
        "Example.Reader_0a1b2c3d4e5f6",
        3,
        4,
    )
    assert (row["other_values"], row["codec"]) == ([("X", "1")], "utf-16")


def test_a_copy_under_another_sign_names_its_file() -> None:
    (row,) = fixture("bare").table(TABLE)
    assert (row["marked_path"], row["zone_id"], row.get("host_url")) == ("/export/a.txt", 3, None)


def test_odd_values_are_told() -> None:
    found = fixture("odd")
    (row,) = found.table(TABLE)
    assert (row["zone_id"], row["host_url"]) == (None, None)
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:2", "zone_id"),
        (ProblemKind.AMBIGUOUS, "line:4", "host_url"),
        (ProblemKind.DAMAGED, "line:5", None),
    ]
    assert found.rows[0][2] == "partial"


def test_what_has_no_section_is_unrecognised(tmp_path: Path) -> None:
    found = run(zone_identifier, from_bytes(b"MZ\0\0ZoneId=3", tmp_path, "a.exe_Zone.Identifier"))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def test_a_huge_stream_is_read_to_a_budget(tmp_path: Path) -> None:
    content = b"[ZoneTransfer]\nZoneId=3\n" + b"".join(b"k%d=v\n" % n for n in range(200_000))
    found = run(zone_identifier, from_bytes(content, tmp_path, "a_Zone.Identifier"))
    assert found.table(TABLE)[0]["zone_id"] == 3
    assert len(found.problems) == 21
    assert found.problems[-1].kind == ProblemKind.LIMIT


def test_which_streams_are_wanted() -> None:
    assert select((zone_identifier,), "/a b/c.txt:ZONE.Identifier", b"[Z").chosen
    assert select((zone_identifier,), "/a/c.txt%3AZone.Identifier", b"[Z").chosen
    assert not select((zone_identifier,), "/a/c.txt:Zone.Identifiers", b"[Z").chosen


@pytest.mark.parametrize("name", sorted(zone_identifier_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = zone_identifier_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=3, count=200)):
        found = run(zone_identifier, from_bytes(mutant, tmp_path, "a_Zone.Identifier"))
        assert len(found.rows) <= 1
        assert found.rows or found.problems
