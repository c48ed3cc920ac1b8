"""All rules over one line of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from pipeline.match.personal_data.names import free, marked
from pipeline.match.personal_data.names.hits import Hit, apart, ends_free, hit
from pipeline.match.personal_data.names.kana import foreign_names, kana_names, readings
from pipeline.match.personal_data.names.rules import NameRules
from pipeline.match.personal_data.names.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """What is made once of the rules: labels, and the names of nobody."""

    labels: re.Pattern[str]
    samples: re.Pattern[str]


def patterns(rules: NameRules) -> Patterns:
    """The patterns of rules; a sample may have a space at any place."""
    samples = [
        r"[ \u3000]?".join(map(re.escape, one.replace(" ", ""))) for one in sorted(rules.words["samples"])
    ]
    return Patterns(
        labels=marked.label_pattern(rules),
        samples=re.compile("|".join(sorted(samples, key=lambda one: (-len(one), one)))),
    )


class Line:
    """The rules over one line."""

    def __init__(self, words: Words, rules: NameRules, patterns: Patterns) -> None:
        """Take the words of a line, the rules, and the patterns made of them."""
        self._words = words
        self._rules = rules
        self._patterns = patterns

    def hits(self) -> list[Hit]:
        """Every name with the best reason for it; none overlaps another, is a reading behind a name, or part of a sample."""
        within = self._without_names()
        found = apart(one for one in self._all() if not self._is_refused(one) and not _is_within(one, within))
        return apart([*found, *free.listed(self._words, found)]) if found else found

    def known(self, surnames: Set[str], taken: list[Hit]) -> Iterator[Hit]:
        """Surnames that stand for somebody elsewhere in the text, where they could be one here."""
        if not surnames.isdisjoint(self._words.surfaces):
            within = self._without_names()
            for one in free.known(self._words, surnames, taken):
                if not _is_within(one, within):
                    yield one

    def rest_of(self, before: Hit, text: str) -> int | None:
        """Where the given name ends with which this line goes on from a surname at the end of the line before."""
        return free.rest_of(self._words, before, text)

    def _without_names(self) -> list[tuple[int, int]]:
        text = self._words.text
        return [*readings(text), *(one.span() for one in self._patterns.samples.finditer(text))]

    def _all(self) -> Iterator[Hit]:
        words = self._words
        yield from marked.behind_and_before(words, self._rules)
        yield from marked.labelled(words, self._rules, self._patterns.labels)
        yield from marked.spoken(words)
        yield from free.unmarked(words)
        for shape in foreign_names(words):
            if ends_free(words, shape):
                yield hit(shape, 0.7, "foreign name")
        for shape in kana_names(words.text):
            yield hit(shape, 0.75, "name in kana")

    def _is_refused(self, found: Hit) -> bool:
        refused = self._rules.words["refused"]
        name = self._words.text[found.start : found.end]
        return name in refused or "".join(name.split()) in refused


def _is_within(one: Hit, spans: list[tuple[int, int]]) -> bool:
    return any(start <= one.start and one.end <= end for start, end in spans)
