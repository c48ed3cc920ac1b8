"""A name in a line and what stands around it: whether it is a firm's or a place's, whether it ends there."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.match.personal_data.names.words import Shape, Words

# What may stand behind a surname with nothing else to say that it is one.
BEHIND = "javpc:m()._HDBT"


@dataclass(frozen=True, slots=True)
class Hit:
    """A name in a line, how sure it is, by which rule, and its surname."""

    start: int
    end: int
    score: float
    reason: str
    surname: str


def hit(shape: Shape, score: float, reason: str) -> Hit:
    """A shape as a hit."""
    return Hit(shape.start, shape.end, score, reason, shape.surname)


def apart(hits: Iterable[Hit]) -> list[Hit]:
    """The hits of which none overlaps another, the surest and then the longest first, in the order of the text."""
    kept: list[Hit] = []
    starts: list[int] = []
    for one in sorted(hits, key=lambda one: (-one.score, one.start - one.end, one.start)):
        at = bisect(starts, one.start)
        if (at == 0 or kept[at - 1].end <= one.start) and (at == len(kept) or one.end <= starts[at]):
            kept.insert(at, one)
            starts.insert(at, one.start)
    return kept


def follows(words: Words, shape: Shape) -> bool:
    """Whether a particle, a mark or nothing stands behind a name."""
    at = words.index_of(shape.end)
    return at is not None and (words.parts[at : at + 1] or ".") in BEHIND


def ends_free(words: Words, shape: Shape) -> bool:
    """Whether nothing behind a name makes it a firm, a place or a longer word."""
    at = words.index_of(shape.end)
    if at is None:
        return True
    behind = words.parts[at : at + 1] or "."
    return behind not in "XZNKLYER" and not is_in_firm(words, shape)


def is_in_firm(words: Words, shape: Shape) -> bool:
    """Whether the nouns behind a name end in a word of a firm or a place: 西村あさひ法律事務所, 森・濱田松本法律事務所."""
    at = words.index_of(shape.end)
    if at is None:
        return False
    for index in range(at, min(at + 6, len(words.parts))):
        part = words.parts[index]
        if part == "T" and words.parts[index + 1 : index + 2] == "X":
            return True
        if part in "XZ" and (index == at or words.parts[index - 1] != "m"):
            return True
        if part not in "SGPLKNEm":
            return False
    return False


def is_firm_head_before(words: Words, shape: Shape) -> bool:
    """Whether 株式会社 or the like stands right in front of a name."""
    at = words.index_of(shape.start)
    return at is not None and at > 0 and words.parts[at - 1] == "Y"
