"""How the counts of a case came to be what they are: what stood when, as the log recorded it, and what happened between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.custody.record import Record

STEP = "scope"
# What an end of that step states in its `params`.
FIGURES, CASE_TOML = "figures", "case_toml"
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One thing that changed since the counts before: evidence, ruling, case (case.toml), rule, tool, review or table, and which."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The counts as they stood from a record on: for each grade `low`, `likely`, `high`, `estimate` and `is_open`."""

    at: str
    seq: int
    figures: Mapping[str, Mapping[str, Any]]
    moved: tuple[Moved, ...]

    def as_json(self) -> dict[str, Any]:
        """The moment as JSON values."""
        return {
            "at": self.at,
            "record": self.seq,
            "figures": {grade: dict(one) for grade, one in self.figures.items()},
            "moved": [{"kind": one.kind, "what": one.what} for one in self.moved],
        }


def history(records: Iterable[Record | None]) -> tuple[Moment, ...]:
    """The counts of a log in order, each time they were others than before; what the figures rested on alone makes no moment."""
    found: list[Moment] = []
    before: Record | None = None
    between: list[Record] = []
    for record in records:
        if record is None:
            continue
        if record.action != "step_end" or record.step != STEP or FIGURES not in record.params:
            between.append(record)
            continue
        figures = record.params[FIGURES]
        if not found or found[-1].figures != figures:
            moved = tuple(_moved(before, between, record)) if before is not None else ()
            found.append(Moment(at=record.at, seq=record.seq, figures=figures, moved=moved))
            # What changed without moving a figure may have moved it together with what follows.
            before, between = record, []
    return tuple(found)


def _moved(before: Record, between: Sequence[Record], now: Record) -> Iterator[Moved]:
    told = [
        *(
            Moved(kind="evidence", what=one.id)
            for record in _of(between, "evidence_register")
            for one in record.materials
        ),
        *(Moved(kind="ruling", what=record.note or "") for record in _of(between, "rule_ruling")),
    ]
    if before.params.get(CASE_TOML) != now.params.get(CASE_TOML):
        told.append(Moved(kind="case", what="case.toml"))
    if (versions := (_version(before), _version(now)))[0] != versions[1]:
        told.append(Moved(kind="tool", what=" -> ".join(versions)))
    changed = [
        *_differing(
            "rule",
            {one.file: one.sha256 for one in before.rules},
            {one.file: one.sha256 for one in now.rules},
        ),
        *_differing(
            "table",
            {one.id: one.sha256 for one in before.materials},
            {one.id: one.sha256 for one in now.materials},
        ),
    ]
    yield from told
    yield from changed[:_MOST_NAMED]
    if len(changed) > _MOST_NAMED:
        yield Moved(kind="table", what=f"and {len(changed) - _MOST_NAMED} more")


def _of(records: Iterable[Record], action: str) -> Iterator[Record]:
    return (one for one in records if one.action == action)


def _version(record: Record) -> str:
    return record.tool.version if record.tool is not None else "unknown"


def _differing(kind: str, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Moved]:
    return (
        Moved(kind="review" if one.startswith("review/") else kind, what=one)
        for one in sorted({*before, *now})
        if before.get(one) != now.get(one)
    )
