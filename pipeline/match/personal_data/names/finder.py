"""Persons' names in running text, in Japanese and plain English: Sudachi's words, and rules over what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.match.personal_data.names.hits import Hit, apart
from pipeline.match.personal_data.names.latin import LatinNames
from pipeline.match.personal_data.names.lexicon import split_name
from pipeline.match.personal_data.names.line import Line, patterns
from pipeline.match.personal_data.names.rules import NameRules, read_name_rules
from pipeline.match.personal_data.names.words import Reader

__all__ = ["FoundName", "NameFinder", "NameRules", "read_name_rules", "split_name"]

# A line is cut below what Sudachi takes (49,149 bytes); four bytes a character at most.
_LONGEST_LINE = 4_000
_BLOCK = 400
_MOST_KNOWN = 5_000
_SURE = 0.7
_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_CUT = re.compile(r"[。.!?！？、,;\s]")
_WORTH = re.compile(r"[A-ZＡ-Ｚぁ-ゖァ-ヺｦ-ﾟ\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200f\u2060\ufeff]")
_READING = re.compile(r"[(（][^()（）]*[)）]")
_CONTACT = re.compile(
    r"@|〒|https?:|\b(?:TEL|Tel|FAX|Fax|Mobile|E-?mail)\b|電話|内線|携帯|株式会社|\(株\)|㈱|有限会社"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """One name: its place in the text, the name without line breaks and readings, how sure it is, and the rule that found it."""

    start: int
    end: int
    text: str
    score: float
    reason: str


@dataclass(slots=True)
class _Piece:
    """A stretch of one line: where it begins, its folded text, what each folded character stands for, and its names."""

    start: int
    line: Line
    places: list[int] | None
    hits: list[Hit]
    text: str
    contact: bool

    def place(self, at: int) -> int:
        """A place of the folded text in the text that was given."""
        return self.start + (at if self.places is None else self.places[at])


class NameFinder:
    """Finds names by rules; holds no state between texts."""

    def __init__(self, rules: NameRules) -> None:
        """Take the rules; the dictionary is opened with the first text that needs it."""
        self._rules = rules
        self._reader = Reader(rules)
        self._patterns = patterns(rules)
        self._latin = LatinNames(rules)

    def find(self, text: str) -> list[FoundName]:
        """The names of a text, in order, none over another."""
        known: dict[str, None] = {}
        found: list[FoundName] = []
        block: list[_Piece] = []
        for start, end in _lines(text):
            block.append(self._piece(text, start, end))
            if len(block) == _BLOCK:
                found.extend(self._names(text, block, known))
                block = []
        found.extend(self._names(text, block, known))
        return found

    def _piece(self, text: str, start: int, end: int) -> _Piece:
        raw = text[start:end]
        places: list[int] | None = None
        if _SELECTORS.search(raw):
            places = [at for at, one in enumerate(raw) if not _SELECTORS.match(one)]
            raw = "".join(raw[at] for at in places)
            places.append(end - start)
        folded = raw.translate(self._rules.fold)
        line = Line(self._reader.words(folded), self._rules, self._patterns)
        hits = apart([*line.hits(), *self._latin.hits(folded)])
        return _Piece(start, line, places, hits, folded, _CONTACT.search(folded) is not None)

    def _names(self, text: str, block: list[_Piece], known: dict[str, None]) -> Iterator[FoundName]:
        for piece in block:
            for hit in piece.hits:
                if hit.score >= _SURE and len(known) < _MOST_KNOWN and hit.surname:
                    known[hit.surname] = None
        for index, piece in enumerate(block):
            piece.hits = apart([*piece.hits, *piece.line.known(known.keys(), piece.hits)])
            near = block[max(0, index - 4) : index + 5]
            piece.hits = [_signed(piece, hit, near) for hit in piece.hits]
        yield from self._joined(text, block)

    def _joined(self, text: str, block: list[_Piece]) -> Iterator[FoundName]:
        """The names of a block, those broken over two lines joined."""
        skip: tuple[int, int] | None = None
        for index, piece in enumerate(block):
            for hit in piece.hits:
                start, end = piece.place(hit.start), piece.place(hit.end)
                if hit.score < self._rules.least_score or (skip and start < skip[1]):
                    continue
                name, score, reason = text[start:end], hit.score, hit.reason
                rest = (
                    index + 1 < len(block)
                    and hit.end == len(piece.text)
                    and block[index + 1].line.rest_of(hit, piece.text[hit.start : hit.end])
                )
                if rest:
                    after = block[index + 1]
                    end = after.place(rest)
                    skip = (start, end)
                    name, score, reason = (
                        f"{name} {text[after.start : end]}",
                        max(score, 0.75),
                        "broken over lines",
                    )
                yield FoundName(start=start, end=end, text=_plain(name), score=score, reason=reason)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each stretch of text that can hold a name, long lines cut at the end of a sentence or a word."""
    for line in _LINE.finditer(text):
        start, end = line.span()
        while end - start > _LONGEST_LINE:
            cut = start + _LONGEST_LINE
            for mark in _CUT.finditer(text, start + _LONGEST_LINE // 2, cut):
                cut = mark.end()
            if _WORTH.search(text, start, cut):
                yield start, cut
            start = cut
        if _WORTH.search(text, start, end):
            yield start, end


def _signed(piece: _Piece, hit: Hit, near: list[_Piece]) -> Hit:
    """The name of a signature: alone on its line, a telephone, a mail address or a firm in the lines about it."""
    if (
        hit.reason != "surname and given name"
        or piece.text[: hit.start].strip()
        or len(piece.text) - hit.end > 20
    ):
        return hit
    if not any(one.contact for one in near if one is not piece):
        return hit
    return Hit(hit.start, hit.end, max(hit.score, 0.8), "signature", hit.surname)


def _plain(name: str) -> str:
    return _READING.sub("", name)
