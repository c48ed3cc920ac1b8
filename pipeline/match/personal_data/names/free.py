"""Names that nothing marks: full names, surnames with only a particle behind them, names of a list, and surnames known from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from pipeline.match.personal_data.names.hits import BEHIND, Hit, follows, hit, is_firm_head_before, is_in_firm
from pipeline.match.personal_data.names.lexicon import is_common_surname, is_given, is_surname
from pipeline.match.personal_data.names.shapes import can_be_surname, full_from
from pipeline.match.personal_data.names.words import Shape, Words

_ALONE = re.compile(r"[ \u3000]*(?:[(（][^()（）\n]{1,40}[)）])?[ \u3000]*(?:印|㊞)?[ \u3000]*$")
_CELL_BEFORE = re.compile(r"(?:^|[\s\d,.、:：>)）|])$")
_CELL_BEHIND = re.compile(r"[ \u3000]*(?:$|[\t\u3000<(（,、|]|[ \u3000]{2})")
_JOINED = re.compile("[、,，､;；・･/／&とや]")
_BEGINS = re.compile("[SLKNGPzxd]")
_WEAK_FOR_PLACES = frozenset(("へ", "まで", "で", "に"))


def unmarked(words: Words) -> Iterator[Hit]:
    """Full names, and surnames with nothing but a particle or a mark behind them."""
    covered = 0
    for index in map(re.Match.start, _BEGINS.finditer(words.parts)):
        part = words.parts[index]
        if part == "P":
            yield from _other_person(words, index)
            continue
        if words.starts[index] < covered or not (words.surnames[index] or len(words.surfaces[index]) < 3):
            continue
        behind = words.parts[index + 1 : index + 2]
        shape = full_from(words, index) if behind and behind in "SGNLKPzx_(" else None
        if shape and not is_in_firm(words, shape) and not is_firm_head_before(words, shape):
            score = _full_score(words, shape, index)
            if score:
                covered = shape.end
                yield hit(shape, score, "surname and given name")
                continue
        if (part == "S" and _is_bare(words, index)) or (
            part in "LNK" and behind == "D" and _is_acting(words, index)
        ):
            yield Hit(words.starts[index], words.starts[index + 1], 0.55, "surname", words.surfaces[index])


def _full_score(words: Words, shape: Shape, index: int) -> float:
    given = words.text[
        shape.end - len(words.text[shape.start : shape.end].removeprefix(shape.surname)) : shape.end
    ]
    last = words.index_of(shape.end)
    has_given = last is not None and "G" in words.parts[index:last]
    if words.parts[index] == "S":
        return 0.85 if has_given or len(given) > 1 else 0.65
    if has_given:
        return 0.8 if words.parts[index] in "LN" or is_common_surname(shape.surname) else 0.6
    text = words.text
    is_alone = _ALONE.match(text, shape.end) or _CELL_BEHIND.match(text, shape.end)
    is_cell = (not shape.start or _CELL_BEFORE.search(text, 0, shape.start)) and is_alone
    return (
        0.6
        if is_cell
        and is_surname(shape.surname)
        and " " in text[shape.start : shape.end].replace("\u3000", " ")
        else 0.0
    )


def _other_person(words: Words, index: int) -> Iterator[Hit]:
    start, end, surface = words.starts[index], words.starts[index + 1], words.surfaces[index]
    behind = words.parts[index + 1 : index + 2] or "."
    before = words.parts[index - 1 : index] if index else "."
    is_one = len(surface) > 2 and not surface.isascii() and before != "m"
    if is_one and behind in ("ja(D." if surface[0] > "ァ" and surface[0] < "ヿ" else BEHIND.replace("m", "")):
        yield Hit(start, end, 0.5, "person of the dictionary", surface)


def _is_bare(words: Words, index: int) -> bool:
    behind = words.parts[index + 1 : index + 2] or "."
    before = words.parts[index - 1 : index] if index else "."
    if behind not in BEHIND or before in "YxdSLCKZPA" or len(words.surfaces[index]) < 2:
        return False
    return not (behind in "mT" and is_in_firm(words, _shape(words, index)))


def _is_acting(words: Words, index: int) -> bool:
    """(堤対応): a surname that is a noun as well, from a bracket or a space to what the person does."""
    before = words.parts[index - 1 : index] if index else "."
    behind = words.parts[index + 2 : index + 3] or "."
    return before in "(_c." and behind in ")_cj." and is_common_surname(words.surfaces[index])


def _shape(words: Words, index: int) -> Shape:
    return Shape(words.starts[index], words.starts[index + 1], "surname", words.surfaces[index])


def known(words: Words, surnames: Set[str], taken: list[Hit]) -> Iterator[Hit]:
    """Surnames that stand for somebody elsewhere in the text, where they could be one here."""
    ends = {one.start: one.end for one in taken}
    covered = 0
    for index, surface in enumerate(words.surfaces):
        start, end = words.starts[index], words.starts[index + 1]
        covered = max(covered, ends.get(start, 0))
        if start < covered or surface not in surnames or words.parts[index] not in "SLKNGPzxvd":
            continue
        behind = words.parts[index + 1 : index + 2] or "."
        before = words.parts[index - 1 : index] if index else "."
        if behind not in BEHIND or before in "YxdLCZKSH" or is_in_firm(words, _shape(words, index)):
            continue
        is_place = (
            words.parts[index] == "L" and "".join(words.surfaces[index + 1 : index + 2]) in _WEAK_FOR_PLACES
        )
        if not is_place and (len(surface) > 1 or words.parts[index] == "S" or behind in "jc("):
            yield Hit(start, end, 0.7, "known surname", surface)


def rest_of(words: Words, hit: Hit, text: str) -> int | None:
    """Where the given name ends with which this line goes on from a surname at the end of the line before."""
    if not words.surfaces or text != hit.surname or not hit.surname:
        return None
    behind = words.parts[1:2] or "."
    goes_on = words.parts[0] == "G" or (behind == "." and is_given(words.surfaces[0]))
    return words.starts[1] if goes_on and behind in BEHIND else None


def listed(words: Words, taken: list[Hit]) -> Iterator[Hit]:
    """Names beside a name in a list: 田中、秋田、石川の3名."""
    ends = {one.end: one for one in taken}
    starts = {one.start: one for one in taken}
    if not _JOINED.search(words.text):
        return
    for step in (1, -1):
        order = range(len(words.surfaces)) if step == 1 else range(len(words.surfaces) - 1, -1, -1)
        for index in order:
            start, end = words.starts[index], words.starts[index + 1]
            if start in starts or words.parts[index] not in "SLKNGzx" or not can_be_surname(words, index):
                continue
            near = _neighbour(words, index, step, starts, ends)
            shape = near and (full_from(words, index) or _shape(words, index))
            if (
                near
                and shape
                and follows(words, shape)
                and not is_in_firm(words, shape)
                and is_common_surname(shape.surname)
            ):
                found = hit(shape, min(near.score, 0.65), "list")
                starts[start] = ends[end] = found
                yield found


def _neighbour(
    words: Words, index: int, step: int, starts: dict[int, Hit], ends: dict[int, Hit]
) -> Hit | None:
    at = index - step
    if not 0 <= at < len(words.surfaces) or not (
        words.parts[at] in "cm" or words.surfaces[at] in ("と", "や")
    ):
        return None
    if step == -1:
        return starts.get(words.starts[at + 1])
    while at > 0 and words.parts[at - 1] in "HT":
        at -= 1
    return ends.get(words.starts[at])
