"""Runs the layouts through a case of their own and scores each half."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fixtures.accuracy.all_layouts import layouts, path_of, write
from fixtures.accuracy.layout import Layout
from tests.accuracy import sheets_score, texts_score
from tests.accuracy.counts import HEADED, PLAIN, TEXT, Scores
from tests.accuracy.found import FoundFile, found
from tests.whole_case import run_case

HALVES = ("dev", "held-out")
_CASE = (
    '[case]\nnumber = "ACCURACY"\n[[evidence]]\nid = "layouts"\npath = "evidence/layouts"\nrole = "host"\n'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """What was said of a layout that has no person: columns and values of text taken for an item, mentions."""

    name: str
    half: str
    columns: int
    values: int
    mentions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Scores of each half, and what was said of layouts that have no person."""

    halves: dict[str, Scores]
    of_nobody: tuple[Nobody, ...]


def ingest(root: Path) -> dict[str, FoundFile]:
    """Write the layouts into a case, run it up to its mentions, and give what it holds by path."""
    root.mkdir(parents=True, exist_ok=True)
    folder = root / "evidence" / "layouts"
    write(folder)
    (folder / "labels.json").unlink()
    (root / "case.toml").write_text(_CASE, encoding="utf-8")
    run_case(root, until="scope")
    return found(root)


def scored(files: dict[str, FoundFile]) -> Result:
    """Score every layout against what a case holds of it."""
    halves = {half: Scores() for half in HALVES}
    of_nobody = []
    for one in layouts():
        half = HALVES[one.is_held_out]
        file = files[f"/{path_of(one)}"]
        _score(one, file, halves[half])
        if one.family == "negative":
            of_nobody.append(_nobody(one, half, file))
    return Result(halves=halves, of_nobody=tuple(of_nobody))


def _score(layout: Layout, file: FoundFile, scores: Scores) -> None:
    if layout.tables:
        sheets_score.score(layout, file, scores)
    texts_score.score(layout, file, scores)


def _nobody(layout: Layout, half: str, file: FoundFile) -> Nobody:
    own = Scores()
    _score(layout, file, own)
    return Nobody(
        name=layout.name,
        half=half,
        columns=sum(own.of_place(place, is_column=True).wrong for place in (HEADED, PLAIN)),
        values=own.of_place(TEXT).wrong,
        mentions=file.text_mentions + sum(sheet.mentions for sheet in file.sheets),
    )
