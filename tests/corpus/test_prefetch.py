"""Real prefetch files: every value as libscca reads it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pyscca
import pytest

from parsers.windows.prefetch import prefetch
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "windows_artifacts.json"
EXPECTED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["prefetch"] if FILE.is_file() else {}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_value_is_the_one_expected(name: str) -> None:
    said = EXPECTED[name]
    found = run(prefetch, artefact(CORPUS / name))
    assert found.problems == []
    (row,) = found.table("windows_prefetch")
    assert row["program_name"] == said["executable"]
    assert row["prefetch_hash"] == said["hash"]
    assert row["run_count"] == said["run_count"]
    assert row["format_version"] == said["format_version"]
    assert row["is_packed"] is said["compressed_MAM"]
    assert row["file_count"] == said["filenames"]
    times = [datetime.fromisoformat(one) for one in said["last_run_times"]]
    assert [one["ran_at"] for one in found.table("windows_prefetch_run")] == times
    assert row["last_run_at"] == times[0]
    volumes = found.table("windows_prefetch_volume")
    assert [(one["device_path"], one["volume_serial"], one["volume_created_at"]) for one in volumes] == [
        (one["device_path"], one["serial"], datetime.fromisoformat(one["creation"]))
        for one in said["volumes"]
    ]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_file_is_named_and_the_program_s_path_gives_the_hash(name: str) -> None:
    other = pyscca.file()
    other.open(str(CORPUS / name))
    found = run(prefetch, artefact(CORPUS / name))
    files = found.table("windows_prefetch_file")
    assert [one["file_path"] for one in files] == list(other.filenames)
    references = [one.file_reference or None for one in other.file_metrics_entries]
    assert [
        None if (own := one.get("file_reference")) is None else one["sequence"] << 48 | own for one in files
    ] == references
    other.close()
    assert found.table("windows_prefetch")[0]["is_hash_of_path"] is True
