"""What somebody alters in a finished case is told by the number of the check that fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline import again, verify
from tests.whole_case import copied, run_case


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied("mis-sent-mail", tmp_path_factory.mktemp("finished"))
    run_case(root)
    return root


def evidence_changed(case: Path) -> None:
    mail = case / "evidence" / "sent.eml"
    mail.write_bytes(mail.read_bytes().replace(b"X-Mailer: fixture", b"X-Mailer: Fixture"))


def part_changed(case: Path) -> None:
    (part,) = (case / "tables" / "affected_count").rglob("*.parquet")
    duckdb.sql(
        f"COPY (SELECT * REPLACE (1 AS high) FROM read_parquet('{part}')) TO '{part}' (FORMAT parquet)"
    )


def part_deleted(case: Path) -> None:
    next((case / "tables" / "mention").rglob("*.parquet")).unlink()


def part_added(case: Path) -> None:
    part = next((case / "tables" / "mention").rglob("*.parquet"))
    shutil.copy(part, part.with_name("extra.parquet"))


def figures_changed(case: Path) -> None:
    file = case / "report" / "figures.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"high":37', '"high":36', 1), encoding="utf-8")


def record_edited(case: Path) -> None:
    log = case / "custody" / "log.jsonl"
    log.write_bytes(
        log.read_bytes().replace(b'"action":"evidence_register"', b'"action":"acquisition_verify"', 1)
    )


def record_deleted(case: Path) -> None:
    log = case / "custody" / "log.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:3] + lines[4:]))


def tail_cut(case: Path) -> None:
    log = case / "custody" / "log.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))


TABLE = (
    (evidence_changed, 4),
    (part_changed, 6),
    (part_deleted, 6),
    (part_added, 6),
    (figures_changed, 10),
    (record_edited, 2),
    (record_deleted, 2),
    (tail_cut, 3),
)


@pytest.mark.parametrize(("alter", "number"), TABLE, ids=[one.__name__ for one, _ in TABLE])
def test_an_alteration_fails_its_check(
    finished: Path, tmp_path: Path, alter: Callable[[Path], None], number: int
) -> None:
    case = tmp_path / "case"
    shutil.copytree(finished, case)
    alter(case)
    found = verify.verify(case, again=again.CHECKS)
    assert not found.is_intact
    assert number in [one.number for one in found.checks if one.passed is False]


def test_a_changed_rule_is_told(finished: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("rules", "parsers", "pipeline"):
        shutil.copytree(again.PROJECT / name, project / name)
    rule = project / "rules" / "exposure" / "sent_outside.sql"
    rule.write_text(rule.read_text(encoding="utf-8") + "-- altered\n", encoding="utf-8")
    found = verify.verify(finished, project=project)
    assert [one.number for one in found.checks if one.passed is False] == [7]
