"""Scores what was found in running text: each distinct value of a file once, exactly, and where any sign is shared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from fixtures.accuracy.layout import OPEN, Layout, Occurrence
from tests.accuracy import folding
from tests.accuracy.counts import SCAN, TEXT, Scores
from tests.accuracy.found import Claim, FoundFile

# In text any name of a person is `name`.
_AS_NAME = {"surname", "given_name"}
# Not every one of these is labelled in the templates: what is labelled must be found, what is not does not count as wrong.
NOT_ALL_LABELLED = {
    "sex", "employer", "department", "title", "bank_name", "bank_branch", "bank_account_kind", "clinic_visit", "family",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a label stands in the text as it was read."""

    item: str
    value: str
    segment: str
    start: int
    end: int


def spans(
    occurrences: tuple[Occurrence, ...], segments: list[tuple[str, str]]
) -> tuple[list[Span], list[Occurrence]]:
    """The places of labels in the segments, by the line they stand in; and labels whose value stands in no segment."""
    told = [(name, *folding.with_places(content)) for name, content in segments]
    placed: list[Span] = []
    nowhere: list[Occurrence] = []
    seen: dict[tuple[str, int], int] = defaultdict(int)
    for one in occurrences:
        line, value = folding.folded(one.line), folding.folded(one.value)
        within = len(folding.folded(one.line[: one.start]))
        # A line that stands more than once is labelled as often: its first label is of the first.
        turn = seen[line, within]
        seen[line, within] += 1
        places = _places(told, line)
        if places:
            number, at = places[min(turn, len(places) - 1)]
            found = [(number, at + within)]
        else:
            found = _places(told, value)
        if not found:
            nowhere.append(one)
        for number, at in found:
            name, _, origin = told[number]
            item = "name" if one.item in _AS_NAME else one.item
            placed.append(
                Span(
                    item=item,
                    value=folding.value(item, one.value),
                    segment=name,
                    start=origin[at],
                    end=origin[at + len(value) - 1] + 1,
                )
            )
    return placed, nowhere


def _places(told: list[tuple[str, str, list[int]]], part: str) -> list[tuple[int, int]]:
    """Every place of a folded text in the folded segments: number of the segment, sign in it."""
    places = []
    for number, (_, text, _) in enumerate(told):
        at = text.find(part)
        while at >= 0:
            places.append((number, at))
            at = text.find(part, at + 1)
    return places


def score(layout: Layout, file: FoundFile, scores: Scores) -> None:
    """Count the values of a file's text."""
    place = SCAN if layout.needs == "ocr" else TEXT
    placed, nowhere = spans(layout.occurrences, file.segments)
    labels = {(one.item, one.value) for one in placed if one.item != OPEN}
    labels |= {
        (_item(one.item), folding.value(_item(one.item), one.value)) for one in nowhere if one.item != OPEN
    }
    open_values = [folding.folded(one.value) for one in layout.occurrences if one.item == OPEN]
    cells = {folding.cell(cell) for label in layout.tables for row in label.rows for cell in row}
    exact: set[tuple[str, str]] = set()
    overlapping: set[tuple[str, str]] = set()
    wrong: set[tuple[str, str]] = set()
    beside: set[tuple[str, str]] = set()
    for one in _claims(layout, file):
        item, value = _item(one.item), folding.value(_item(one.item), one.value)
        own = folding.folded(one.value)
        hit = [span for span in placed if _touches(one, span)] if one.segment is not None else []
        same = {(span.item, span.value) for span in hit if span.item == item}
        if one.segment is None:
            same = {
                label for label in labels if label[0] == item and (label[1] in value or value in label[1])
            }
        if (item, value) in same:
            exact.add((item, value))
        if same:
            overlapping |= same
        if any(span.item == OPEN for span in hit) or any(own in told or told in own for told in open_values):
            continue
        if own in cells or item in NOT_ALL_LABELLED:
            continue
        if (item, value) not in same:
            wrong.add((item, value))
        if not same:
            beside.add((item, value))
    # Header lines of mail and fields stand in no text: a mention that names them has found them.
    for one in nowhere:
        label = (_item(one.item), folding.value(_item(one.item), one.value))
        if any((claim.item, folding.value(claim.item, claim.value)) == label for claim in file.mentioned):
            exact.add(label)
            overlapping.add(label)
    _add(layout, place, labels, (exact, wrong), (overlapping, beside), scores)


def _add(
    layout: Layout,
    place: str,
    labels: set[tuple[str, str]],
    exact: tuple[set[tuple[str, str]], set[tuple[str, str]]],
    overlap: tuple[set[tuple[str, str]], set[tuple[str, str]]],
    scores: Scores,
) -> None:
    for item, value in sorted(labels):
        scores.cell(place, item).add(right=(item, value) in exact[0], missed=(item, value) not in exact[0])
        scores.column(place, item).add(
            right=(item, value) in overlap[0], missed=(item, value) not in overlap[0]
        )
        if (item, value) not in exact[0]:
            scores.misses.append(f"{layout.name}: text: {item} {value!r} missed")
    for item, value in sorted(exact[1]):
        scores.cell(place, item).add(wrong=1)
        scores.misses.append(f"{layout.name}: text: {item} {value!r} said, is none")
    for item, _ in sorted(overlap[1]):
        scores.column(place, item).add(wrong=1)


def _item(item: str) -> str:
    return "name" if item in _AS_NAME else item


def _claims(layout: Layout, file: FoundFile) -> list[Claim]:
    """What was said of the text; of a form that was read as a sheet, what its judged columns hold."""
    told = list(file.claims)
    if not layout.tables:
        told += [
            Claim(item=column.item, value=value)
            for sheet in file.sheets
            for column in sheet.columns
            if column.item is not None
            for value in column.values
            if value
        ]
    return told


def _touches(claim: Claim, span: Span) -> bool:
    return (
        claim.segment == span.segment
        and claim.start < span.end
        and span.start < claim.start + len(claim.value)
    )
