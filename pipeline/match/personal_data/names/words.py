"""A line of text as words, each with the part it can play in a person's name: one letter a word.

S surname, G given name, P other person, L place, C country, K other proper noun, N noun, d number, z suffix, x prefix, o pronoun or word of
one's own side, j particle, a auxiliary, v verb and the like, H honorific, T title, B role in front of a name, X word of a firm behind a name,
Y word of a firm in front, Z word of a place, E end of a part of a firm, D what a person does, F former and the like in front of a title, R refused, A Latin letters, c comma, m middle dot or slash,
( and ) brackets, : colon, . full stop, p other mark, _ space.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

import sudachipy

from pipeline.match.personal_data.names.lexicon import dictionary, is_common_surname, is_surname
from pipeline.match.personal_data.names.rules import NameRules

_MARKS = {
    **dict.fromkeys("、,，､;；", "c"), **dict.fromkeys("・･/／&＆", "m"), **dict.fromkeys("（(【「『[<〈《", "("),
    **dict.fromkeys("）)】」』]>〉》", ")"), **dict.fromkeys(":：", ":"), **dict.fromkeys("。．.!?！？", "."),
}  # fmt: skip
_NOUNS = {"数詞": "d", "普通名詞": "N", "助動詞語幹": "a"}
_PARTS = {
    "接尾辞": "z",
    "接頭辞": "x",
    "代名詞": "o",
    "助詞": "j",
    "助動詞": "a",
    "補助記号": "p",
    "記号": "p",
    "空白": "_",
}
_PERSONS = {"姓": "S", "名": "G"}
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'-]*")
_CUT_TITLE = re.compile("E[zN]")
_PLACE_OR_FIRM = re.compile("[XZ]")
_KNOWN_WORDS = 100_000


@dataclass(frozen=True, slots=True)
class Words:
    """A folded text as words: where each starts (and the end of the last), what it is, its part, whether it can be a surname."""

    text: str
    starts: list[int]
    surfaces: list[str]
    parts: str
    surnames: list[bool]
    at: dict[int, int] = field(default_factory=dict)

    def index_of(self, place: int) -> int | None:
        """Which word starts at a place."""
        if not self.at:
            self.at.update({start: index for index, start in enumerate(self.starts)})
        return self.at.get(place)


@dataclass(frozen=True, slots=True)
class Shape:
    """A name where it could stand: its places, how it is made, and the surname in it."""

    start: int
    end: int
    made: str
    surname: str = ""


@lru_cache(maxsize=1)
def tokenizer() -> sudachipy.Tokenizer:
    """Sudachi's tokenizer, made once in a process."""
    return dictionary().tokenizer(mode=sudachipy.SplitMode.C, fields={"pos"})


class Reader:
    """Cuts lines into words and gives each its part."""

    def __init__(self, rules: NameRules) -> None:
        """Take the words that have a part of their own from the rules."""
        self._own: dict[str, str] = {}
        # The later stands over the earlier.
        for key, part in (
            ("refused", "R"),
            ("acts", "D"),
            ("between", "F"),
            ("place_words", "Z"),
            ("firm_words", "X"),
            ("team_words", "E"),
            ("roles", "B"),
            ("titles", "T"),
            ("honorifics", "H"),
            ("firm_heads", "Y"),
            ("own", "o"),
        ):
            # One character that is refused alone may stand in a name: 子.
            self._own |= dict.fromkeys((one for one in rules.words[key] if part != "R" or len(one) > 1), part)
        # A longer noun is what it ends with.
        self._ends = tuple(
            (part, tuple(sorted(one for one in rules.words[key] if len(one) > 1 or part == "E")))
            for key, part in (
                ("titles", "T"),
                ("roles", "B"),
                ("firm_words", "X"),
                ("team_words", "E"),
                ("place_words", "Z"),
            )
        )
        self._known: dict[tuple[int, str], tuple[str, bool]] = {}

    def words(self, text: str) -> Words:
        """The words of a folded line."""
        known = self._known
        pairs = [(one.part_of_speech_id(), one.surface()) for one in tokenizer().tokenize(text)]
        told = [known.get(pair) or self._learn(pair) for pair in pairs]
        surfaces = [surface for _, surface in pairs]
        parts = "".join([part for part, _ in told])
        surnames = [is_one for _, is_one in told]
        if _CUT_TITLE.search(parts):
            parts = _join_titles(surfaces, parts, surnames)
        if _PLACE_OR_FIRM.search(parts):
            parts = _freed(parts, surnames)
        return Words(text, [0, *accumulate(map(len, surfaces))], surfaces, parts, surnames)

    def _learn(self, pair: tuple[int, str]) -> tuple[str, bool]:
        if len(self._known) >= _KNOWN_WORDS:
            self._known.clear()
        told = self._known[pair] = self._told(dictionary().pos_of(pair[0]) or ("",) * 6, pair[1])
        return told

    def _told(self, speech: tuple[str, ...], surface: str) -> tuple[str, bool]:
        """The part of a word, and whether it can be a surname."""
        part = self._part(speech, surface)
        if part in "XZ":
            return part, len(surface) == 1 and is_common_surname(surface)
        return part, part == "S" or (part in "GLKNPzxvd" and is_surname(surface))

    def _part(self, speech: tuple[str, ...], surface: str) -> str:
        if surface.isspace():
            return "_"
        own = self._own.get(surface)
        if own and not (own in "XZERDF" and speech[2] == "人名"):
            return own
        if surface in _MARKS:
            return _MARKS[surface]
        if _LATIN.fullmatch(surface):
            return "A"
        if surface.isdecimal():
            return "d"
        if speech[0] != "名詞":
            return _PARTS.get(speech[0], "v")
        if speech[1] != "固有名詞":
            return self._noun(surface, _NOUNS.get(speech[1], "N"))
        if speech[2] == "人名":
            return _PERSONS.get(speech[3], "P")
        if speech[2] == "地名":
            return "C" if speech[3] == "国" else self._noun(surface, "L")
        return self._noun(surface, "K")

    def _noun(self, surface: str, part: str) -> str:
        """A noun by its last word: 経理課 ends a part of a firm, 中野店 is a shop."""
        if part in "KL" and is_surname(surface):
            return part
        for own, ends in self._ends:
            if any(len(end) < len(surface) and surface.endswith(end) for end in ends):
                return own
        return part


def _join_titles(surfaces: list[str], parts: str, surnames: list[bool]) -> str:
    """部長 and 課長 are cut in two in front of a comma: one title again. Changes the lists, gives the parts."""
    told = list(parts)
    for index in range(len(surfaces) - 1, 0, -1):
        if surfaces[index] == "長" and told[index - 1] == "E":
            surfaces[index - 1] += surfaces.pop(index)
            del told[index], surnames[index]
            told[index - 1] = "T"
    return "".join(told)


def _freed(parts: str, surnames: list[bool]) -> str:
    """Parts in which 城 of 城様 and 東 of 東課長 are nouns: nothing stands in front that they could make a castle or a quarter of."""
    told = list(parts)
    for index, part in enumerate(parts):
        if part in "XZ" and surnames[index] and (index == 0 or told[index - 1] not in "SGPLKNdzA"):
            told[index] = "N"
    return "".join(told)
