"""Real master file tables: as fls of The Sleuth Kit lists the volume, and as libfsntfs reads the table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyfsntfs
import pytest

from parsers.windows.mft import mft
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FOLDER = CORPUS / "dfir_ntfs" / "test_data"
FILE = CORPUS / "expected" / "windows_artifacts.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))["mft"] if FILE.is_file() else {}
LARGE = "dfir_ntfs/test_data/4k-large.mft"
ZONES = {"(UTC)": timedelta(0), "(MSK)": timedelta(hours=3)}


def rows_of(name: str) -> list[dict[str, Any]]:
    found = run(mft, artefact(CORPUS / name))
    assert found.problems == []
    return found.table("windows_mft")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_record_with_a_signature_has_its_row(name: str) -> None:
    expected = EXPECTED[name]["dissect"]
    rows = rows_of(name)
    assert len({one["file_reference"] for one in rows}) == expected["dissect_segments"]
    assert len({one["file_reference"] for one in rows if one["is_allocated"]}) == expected["in_use"]


@pytest.mark.parametrize("name", ["unicode", "4k-large"])
def test_paths_times_and_sizes_are_those_fls_lists(name: str) -> None:
    rows = {one["path"]: one for one in rows_of(f"dfir_ntfs/test_data/{name}.mft")}
    compared = 0
    for line in (FOLDER / f"{name}.fls").read_text(encoding="utf-8").splitlines():
        told, path, *rest = line.split("\t")
        if told.startswith("V/V"):
            continue
        number = int(told.split()[-1].rstrip(":").split("-")[0])
        main, _, stream = path.partition(":")
        row = rows[f"/{main}"]
        assert row["file_reference"] == number, path
        kind = told.split()[-1].split("-")[1]
        if stream:
            # fls lists indexes (attribute 144) beside data streams (128).
            assert (kind != "128") or stream in row["stream_names"], path
            continue
        zone = ZONES[rest[0][-5:]]
        times = [
            datetime.strptime(one[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - zone for one in rest[:4]
        ]
        columns = ("modified_at", "accessed_at", "changed_at", "created_at")
        assert [row[one].replace(microsecond=0) for one in columns] == times, path
        if row["kind"] == "file":
            assert row["size_bytes"] == int(rest[4]), path
        compared += 1
    assert compared > 25


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {LARGE}))
def test_every_value_is_the_one_libfsntfs_reads(name: str) -> None:
    other = pyfsntfs.mft_metadata_file()
    other.open(str(CORPUS / name))
    rows = rows_of(name)
    for row in rows:
        entry = other.get_file_entry(row["file_reference"])
        assert entry.is_allocated() == row["is_allocated"]
        assert entry.get_file_reference() >> 48 == row["sequence"]
        for ours, theirs in (
            ("created_at", entry.get_creation_time),
            ("modified_at", entry.get_modification_time),
            ("changed_at", entry.get_entry_modification_time),
            ("accessed_at", entry.get_access_time),
        ):
            assert row[ours].replace(tzinfo=None) == theirs()
        assert sorted(one.get_name() for one in entry.alternate_data_streams) == sorted(row["stream_names"])
        # Without the volume libfsntfs gives the size of the attribute alone.
        if row["kind"] == "file":
            data = [one for one in entry.attributes if one.get_attribute_type() == 0x80]
            assert row["size_bytes"] in [one.get_data_size() for one in data]
        names = [
            one for one in entry.attributes if one.get_attribute_type() == 0x30 and one.get_name_space() != 2
        ]
        if not names:
            assert row["name"] == f"$MFT-{row['file_reference']}"
            continue
        (named,) = [one for one in names if one.get_name() == row["name"] or row["name"] == "/"]
        assert named.get_parent_file_reference() & (1 << 48) - 1 == row["parent_reference"]
        assert named.get_creation_time() == row["name_created_at"].replace(tzinfo=None)
        assert named.get_access_time() == row["name_accessed_at"].replace(tzinfo=None)
