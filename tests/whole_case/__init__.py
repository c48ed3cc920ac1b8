"""Whole cases with known truth, from evidence to report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb

from pipeline import run
from pipeline.outcome import Outcome
from pipeline.progress import Progress
from pipeline.tables import read

CASES = Path(__file__).resolve().parents[2] / "fixtures" / "cases"


def copied(name: str, folder: Path) -> Path:
    """A demo case in a folder of the test's own, without anything generated."""
    root = folder / name
    root.mkdir()
    shutil.copytree(CASES / name / "evidence", root / "evidence")
    for file in ("case.toml", "truth.json"):
        shutil.copy(CASES / name / file, root / file)
    return root


def truth(root: Path) -> dict:
    """What is known of a demo case."""
    return json.loads((root / "truth.json").read_text(encoding="utf-8"))


def run_case(root: Path, until: str = "report", **options: object) -> Outcome:
    """Run a case without showing progress."""
    return run.run(root, until, Progress(is_quiet=True), run.Options(**options))


def ask(root: Path, sql: str) -> list[tuple]:
    """Rows of a query over a case."""
    return read.ask(root / "tables", sql)[1]


Counts = dict[tuple[str, str, str | None], tuple[int, int, int, bool]]


def counts_of(root: Path) -> Counts:
    """Low, likely, high and whether it is open, by grade, dimension and value."""
    found = ask(root, "SELECT grade, dimension, value, low, likely, high, is_open FROM affected_count")
    return {(grade, dimension, value): tuple(rest) for grade, dimension, value, *rest in found}


def by_category(counts: Counts, grade: str) -> dict[str | None, tuple[int, int]]:
    """Low and high of each category of a grade."""
    return {
        value: (low, high)
        for (of, dimension, value), (low, _, high, _) in counts.items()
        if (of, dimension) == (grade, "category")
    }


def rows(root: Path) -> dict[str, list[tuple]]:
    """All rows of every table of a case, sorted, and every sheet: what must be equal however it came about."""
    found = {}
    for folder in ("tables", "sheets"):
        for file in sorted((root / folder).rglob("*.parquet")):
            content = duckdb.sql(
                f"SELECT * FROM read_parquet('{file}', hive_partitioning = false)"
            ).fetchall()
            name = file.relative_to(root).parts[1] if folder == "tables" else file.name
            found.setdefault(name, []).extend(content)
    return {name: sorted(map(repr, content)) for name, content in found.items()}


def digests(root: Path) -> dict[str, bytes]:
    """Every generated file with its bytes."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for folder in ("tables", "sheets", "report", "custody")
        for file in sorted((root / folder).rglob("*"))
        if file.is_file()
    }
