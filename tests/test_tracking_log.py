"""Move tables of NTFS volumes, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.builders.ntfs_files import AT, FOLDER, tracking_log_scenarios
from parsers.contract import ProblemKind
from parsers.windows.tracking_log import tracking_log
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants


def fixture(name: str) -> Yielded:
    one = tracking_log_scenarios()[name]
    return run(tracking_log, artefact(FOLDER / "tracking_log" / name / one.artefact, one.path))


def test_the_machine_that_kept_the_volume_is_told() -> None:
    found = fixture("moved-away")
    assert found.problems == []
    assert found.table("windows_tracking_volume") == [
        {
            "volume_machine_id": "eigyo-pc01",
            "volume_object_id": "7a1b2c3d-9000-11f1-8001-00000000004d",
            "is_flushed": True,
        }
    ]


def test_moves_are_told_with_where_to_and_a_span_of_time() -> None:
    first, second = fixture("moved-away").table("windows_tracking_log")
    identifiers = ("moved_object_id", "droid_volume_id", "droid_file_id", "birth_volume_id", "birth_file_id")
    assert [str(first[one])[-2:] for one in identifiers] == ["01", "02", "03", "04", "01"]
    assert (first["machine_id"], second["machine_id"]) == ("fs01", "営業機")
    assert first["moved_after_at"] <= AT <= first["moved_before_at"]  # type: ignore[operator]
    assert first["moved_before_at"] - first["moved_after_at"] < timedelta(minutes=8)  # type: ignore[operator]


def test_large_sectors_hold_the_same() -> None:
    small, large = fixture("moved-away"), fixture("large-sectors")
    assert large.problems == []
    assert large.table("windows_tracking_log") == small.table("windows_tracking_log")


def test_odd_tables_are_told() -> None:
    found = fixture("odd")
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "volume_machine_id"),
        (ProblemKind.UNSUPPORTED, None),
        (ProblemKind.TRUNCATED, None),
    ]
    assert found.table("windows_tracking_volume")[0]["volume_machine_id"] == "pc\\xff\\xff"


@pytest.mark.parametrize("name", sorted(tracking_log_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = tracking_log_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=13, count=200)):
        found = run(tracking_log, from_bytes(mutant, tmp_path))
        assert found.rows or found.problems
