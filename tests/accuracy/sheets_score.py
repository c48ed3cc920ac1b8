"""Scores the sheets of a file against its labelled tables: columns are matched by what stands in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fixtures.accuracy.layout import OPEN, Layout, TableLabel
from tests.accuracy import folding
from tests.accuracy.counts import HEADED, PLAIN, Scores
from tests.accuracy.found import FoundFile, FoundSheet

_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A labelled table, the sheet it was read as, and for each of its columns the place of the sheet's column."""

    label: TableLabel
    sheet: FoundSheet | None
    columns: tuple[int | None, ...]


def matched(label: TableLabel, sheets: list[FoundSheet]) -> Matched:
    """The sheet that has most of the table's cells, and its columns."""
    best = Matched(label=label, sheet=None, columns=(None,) * len(label.columns))
    most = 0
    for sheet in sheets:
        columns, shared = _columns(label, sheet)
        if shared > most:
            best, most = Matched(label=label, sheet=sheet, columns=columns), shared
    return best


def _columns(label: TableLabel, sheet: FoundSheet) -> tuple[tuple[int | None, ...], int]:
    """For each labelled column the sheet's column that shares most values; the nearer where they share as many."""
    own = [
        Counter(filter(None, (folding.cell(row[at]) for row in label.rows)))
        for at in range(len(label.columns))
    ]
    theirs = [Counter(filter(None, one.values)) for one in sheet.columns]
    pairs = sorted(
        (-sum((mine & other).values()), abs(at - place), at, place)
        for at, mine in enumerate(own)
        for place, other in enumerate(theirs)
    )
    taken: dict[int, int] = {}
    shared = 0
    for common, _, at, place in pairs:
        if at in taken or place in taken.values() or -common < max(1, _LEAST_SHARE * own[at].total()):
            continue
        taken[at] = place
        shared -= common
    return tuple(taken.get(at) for at in range(len(own))), shared


def score(layout: Layout, file: FoundFile, scores: Scores) -> None:
    """Count the columns, cells and mentions of a file."""
    told = [matched(label, file.sheets) for label in layout.tables]
    used: dict[tuple[str, int], list[tuple[Matched, int]]] = {}
    for one in told:
        for at, place in enumerate(one.columns):
            if one.sheet is None or place is None:
                _missed(layout, one.label, at, None, scores)
            else:
                used.setdefault((one.sheet.sheet_id, place), []).append((one, at))
    for sheet in file.sheets:
        for place, column in enumerate(sheet.columns):
            labels = used.get((sheet.sheet_id, place), [])
            _column(layout, labels, column.item, column.passed, sheet, scores)
    _mentions(layout, told, file, scores)


def _column(
    layout: Layout,
    labels: list[tuple[Matched, int]],
    item: str | None,
    passed: int,
    sheet: FoundSheet,
    scores: Scores,
) -> None:
    expected = sum(one.label.valid[at] for one, at in labels if one.label.columns[at] == item)
    is_open = any(one.label.columns[at] == OPEN for one, at in labels)
    is_right = any(one.label.columns[at] == item for one, at in labels)
    for one, at in labels:
        if one.label.columns[at] != item:
            _missed(layout, one.label, at, item, scores)
    if item is None or (is_open and not is_right):
        return
    place = _place(labels[0][0].label) if labels else HEADED if sheet.has_header else PLAIN
    right = min(passed, expected)
    wrong = 0 if is_open else passed - right
    scores.cell(place, item).add(right, wrong, expected - right)
    scores.column(place, item).add(int(is_right), int(not is_right))
    if not is_right:
        words = [one.label.header[at] if one.label.header else f"column {at + 1}" for one, at in labels]
        scores.misses.append(
            f"{layout.name}: {' / '.join(words) or 'no such column'}: taken for {item}, is none"
        )


def _missed(layout: Layout, label: TableLabel, at: int, item: str | None, scores: Scores) -> None:
    wanted = label.columns[at]
    if wanted in (None, OPEN) or not label.valid[at]:
        return
    scores.cell(_place(label), wanted).add(missed=label.valid[at])
    scores.column(_place(label), wanted).add(missed=1)
    word = label.header[at] if label.header else f"column {at + 1}"
    scores.misses.append(
        f"{layout.name}: {word}: {wanted} taken for {item or 'nothing'} ({label.valid[at]} cells)"
    )


def _place(label: TableLabel) -> str:
    return PLAIN if label.header is None else HEADED


def _mentions(layout: Layout, told: list[Matched], file: FoundFile, scores: Scores) -> None:
    """Persons the rows speak of, against the mentions of each sheet."""
    expected: dict[str, int] = {}
    count = scores.persons(layout.family)
    for one in told:
        if one.sheet is None:
            count.add(missed=one.label.persons)
        else:
            expected[one.sheet.sheet_id] = expected.get(one.sheet.sheet_id, 0) + one.label.persons
    for sheet in file.sheets:
        wanted = expected.get(sheet.sheet_id, 0)
        right = min(wanted, sheet.mentions)
        count.add(right, sheet.mentions - right, wanted - right)
