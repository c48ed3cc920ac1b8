"""Persons' names in Latin letters: behind titles and labels, in front of -san, in headers of mail, and pairs of names both known.

Conservative: two capitalised words are a name only where a list knows them, since products, streets and firms are written so too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.match.personal_data.names.hits import Hit, apart
from pipeline.match.personal_data.names.lexicon import is_roman_given, is_roman_surname
from pipeline.match.personal_data.names.rules import NameRules

_WORD = r"[A-Z][A-Za-z]*(?:['’-][A-Z]?[a-z]+)*"
_INITIAL = r"(?:[A-Z]\.? )?"
_PAIR = re.compile(rf"(?<![\w@./\\-])({_WORD})(?P<gap>,? {_INITIAL}|[\u3000\t]|・)({_WORD})(?![\w@/\\]|\.\w)")
_SAN = re.compile(
    rf"(?<![\w@./-])({_WORD}(?: {_WORD})?)(?:[- ](?:san|sama|sensei|kun)(?![A-Za-z])|[ \u3000]?(?:さん|様|氏|さま|くん|殿))"
)
_AT = re.compile(rf"@({_WORD})\b(?!\.)")
_NAMES = re.compile(rf"{_WORD}(?: (?:{_WORD}|[A-Z]\.|van|von|de|der|da|al|bin)){{0,3}}")
_SHORTEST = 2
_CAPITAL = re.compile("[A-Z][A-Za-z]")
_JAPANESE = re.compile(
    r"(?:(?:[kgsztdnhbpmrj]|[kgnhbpmr]y|sh|ch|ts|y|w|f)?[aiueo](?:n(?![aiueoy]))?|[kstp](?=[kstp]))+"
)


class LatinNames:
    """The rules over the Latin letters of a line."""

    def __init__(self, rules: NameRules) -> None:
        """Take the words of the rules."""
        self._english = rules.english
        self._samples = rules.words["samples"]
        self._refused_small = {one.lower() for one in rules.english["refused"]}
        titles = "|".join(sorted(map(re.escape, rules.english["titles"]), key=lambda one: (-len(one), one)))
        self._title = re.compile(
            rf"(?<![\w-])({titles})(\.?) (?!(?:{titles})\b)({_WORD}(?: {_INITIAL}{_WORD}){{0,2}})"
        )
        labels = [one for one in rules.words["labels"] if one.isascii()]
        told = "|".join(sorted(map(re.escape, labels), key=lambda one: (-len(one), one)))
        self._label = re.compile(rf"(?<![\w-])(?:{told})[ \t]*:[ \t]*", re.IGNORECASE)
        heads = "|".join(sorted(map(re.escape, rules.words["headers"]), key=lambda one: (-len(one), one)))
        self._header = re.compile(rf"^[ \t>]*(?:{heads})[ \t]*[:：][ \t]*", re.IGNORECASE)

    def hits(self, text: str) -> list[Hit]:
        """The names of a folded line."""
        if not _CAPITAL.search(text):
            return []
        return [
            one
            for one in apart(list(self._all(text)))
            if text[one.start : one.end] not in self._samples and one.end - one.start > _SHORTEST
        ]

    def _all(self, text: str) -> Iterator[Hit]:
        for found in self._title.finditer(text):
            yield from self._titled(found)
        for found in _SAN.finditer(text):
            if not self._is_refused(found.group(1)):
                yield _latin(found, 1, 0.85, "honorific")
        for found in _AT.finditer(text):
            if is_roman_surname(found.group(1).lower()):
                yield _latin(found, 1, 0.6, "mention")
        at = 0
        while pair := _PAIR.search(text, at):
            if self._is_pair(pair.group(1), pair.group(3), is_listed="," in pair.group("gap")):
                yield _latin(pair, 0, 0.75, "names in Latin letters")
                at = pair.end()
            else:
                at = pair.end(1)
        for label in self._label.finditer(text):
            yield from self._stated(text, label.end())
        header = self._header.match(text)
        if header:
            yield from self._headed(text, header.end())

    def _titled(self, found: re.Match[str]) -> Iterator[Hit]:
        """Mr. John Smith; behind a word that is no title of address alone (Dear, Manager) only a name that is known."""
        words = found.group(3).split()
        kept = []
        for word in words:
            if self._is_refused(word):
                break
            kept.append(word)
        if not kept:
            return
        is_address = found.group(1) in ("Mr", "Mrs", "Ms", "Miss", "Dr", "Prof", "Mx", "Professor")
        if not is_address and not self._is_known(kept[0]):
            return
        start = found.start(3)
        end = (
            start + len(found.group(3).split(words[len(kept)])[0].rstrip())
            if len(kept) < len(words)
            else found.end(3)
        )
        yield Hit(start, end, 0.9 if is_address else 0.65, "title", "")

    def _is_known(self, word: str) -> bool:
        small = word.lower()
        return (
            word in self._english["first"]
            or is_roman_surname(small)
            or (len(small) > 3 and is_roman_given(small))
        )

    def _is_pair(self, one: str, two: str, *, is_listed: bool) -> bool:
        if self._is_refused(one) or self._is_refused(two):
            return False
        left, right = one.lower(), two.lower()
        is_japanese = (is_roman_surname(left) and is_roman_given(right)) or (
            is_roman_given(left) and is_roman_surname(right)
        )
        is_shaped = (
            min(len(left), len(right)) > 2
            and (is_roman_given(left) or is_roman_given(right))
            and _JAPANESE.fullmatch(left)
            and _JAPANESE.fullmatch(right)
            and len(left + right) > 8
        )
        return (
            bool(is_shaped)
            or (is_japanese and min(len(left), len(right)) > 2)
            or (not is_listed and one in self._english["first"] and len(two) > 2)
        )

    def _stated(self, text: str, at: int) -> Iterator[Hit]:
        """The names behind a label, with commas between."""
        while name := _NAMES.match(text, at):
            if self._is_refused(name.group()) or " " not in name.group() and not self._is_known(name.group()):
                return
            yield Hit(name.start(), name.end(), 0.85, "label", "")
            behind = re.compile(r"(?: \([^)]*\))?, ?").match(text, name.end())
            if behind is None:
                return
            at = behind.end()

    def _headed(self, text: str, at: int) -> Iterator[Hit]:
        """The display names of a header of mail."""
        for part in re.finditer(r"[^;,]+", text[at:]):
            name = _NAMES.search(part.group())
            if name is None or part.group()[: name.start()].strip(" \t\"'") or self._is_refused(name.group()):
                continue
            rest = part.group()[name.end() :].lstrip(" \t\"'")
            if rest and rest[0] not in "<[(":
                continue
            start = at + part.start() + name.start()
            if " " in name.group() or self._is_known(name.group()):
                yield Hit(
                    start, start + len(name.group()), 0.85 if " " in name.group() else 0.7, "header", ""
                )

    def _is_refused(self, words: str) -> bool:
        return any(word.lower() in self._refused_small for word in words.split())


def _latin(found: re.Match[str], group: int, score: float, reason: str) -> Hit:
    return Hit(found.start(group), found.end(group), score, reason, "")
