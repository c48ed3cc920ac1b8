"""Parsers that crash, hang, eat memory, raise or never end: each loses its own entry, and every entry has a final state."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from pipeline.evidence.entry import Address
from pipeline.extract.parse import Subject, Target
from pipeline.work.job import Job, Limits
from pipeline.work.pool import Pool
from tests.bad_parsers import read_with_bad_parsers

NAMES = ("segfault", "loop", "memory", "raises", "endless", "good", "toolarge")


def test_each_loses_its_own_entry_and_nothing_else(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    targets = []
    for name in NAMES:
        (evidence / f"{name}.bin").write_bytes(b"content")
        address = Address(
            file_system="folder", path_spec="", path=f"/{name}.bin", file_reference=None, stream_name=None
        )
        targets.append(
            Target(
                entry_id=name, path=f"/{name}.bin", name=f"{name}.bin", kind="file", size=7, address=address
            )
        )
    subject = Subject(
        case_id="T",
        evidence_id="x",
        targets=tuple(targets),
        is_parsing=True,
        is_scanning=False,
        source=evidence,
        rule_folders=(),
        scratch=tmp_path / "work",
    )
    limits = Limits(seconds=6.0, most_seconds=60.0, memory_bytes=2 << 30, rows=5000)
    with Pool(limits, workers=1) as pool:
        (finished,) = pool.run(
            read_with_bad_parsers, [Job(stage="test", item="x", basis={}, subject=subject)]
        )
    parts = {name: pq.read_table(part.path).to_pylist() for name, part in finished.result.parsed}
    states = {row["entry_id"]: row["state"] for row in parts["entry_content"]}
    assert states == {**dict.fromkeys(NAMES, "problem"), "good": "parsed"}
    kinds = {row["entry_id"]: row["kind"] for row in parts["problem"]}
    assert kinds == {
        "segfault": "crashed",
        "loop": "limit",
        "memory": "limit",
        "raises": "crashed",
        "endless": "limit",
        "toolarge": "damaged",
    }
    rows = [row["entry_id"] for row in parts["test_bad"]]
    # What came before a fault the worker survived is kept; a value no column holds is null.
    assert {"raises", "memory", "good", "toolarge", "endless"} <= set(rows)
    assert rows.count("endless") <= limits.rows + 1
    assert set(finished.deaths) == {"test/segfault:segfault", "test/loop:loop"}
