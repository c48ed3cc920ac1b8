"""A value of a field, line by line, and what all makers of values need: facts, the decision by one law, dates in the zone of the case."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.report.document import Count, Document
from pipeline.report.drafts.form import Law
from pipeline.report.words import Words

MOST_LINES = 12
MY_NUMBER = "my-number"
_DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a value in Japanese, in English where that says more than a name, and the row, fact or rule it rests on."""

    ja: str
    source: str
    en: str = ""


# No number: how many there are is for the report to say.
REST = Line(ja="ほかは report.html による", en="the others stand in report.html", source="report.html")
Filled = tuple[Line, ...]
"""The lines of a field; one that has none is not filled."""


def decision(document: Document) -> Mapping[str, Any]:
    """The decision of the case, empty where none was made."""
    return document.decisions[0] if document.decisions else {}


def laws_of(document: Document, pack: str) -> Mapping[str, Any] | None:
    """What the decision says by one law; None where that law was not asked."""
    return next((one for one in decision(document).get("laws", ()) if one["law_pack"] == pack), None)


class Known:
    """What a case knows, for the report under one law."""

    def __init__(self, document: Document, law: Law, kind: str) -> None:
        """Take a document, the law the report is made under, and its kind (速報 or 確報)."""
        self.document, self.law, self.kind = document, law, kind
        self.decision = decision(document)
        self.by_law = laws_of(document, law.pack) or {}
        self._facts = {name: (json.loads(value), source) for name, value, source in document.facts}
        self._zone = ZoneInfo(document.case.time_zone)

    @property
    def is_my_number(self) -> bool:
        """Whether the report is the one of the My Number Act."""
        return self.law.pack == MY_NUMBER

    @property
    def state(self) -> str:
        """What the decision says by this law: true, false or undetermined."""
        return str(self.by_law.get("reportable", "undetermined")).lower()

    def of_law(self, name: str) -> str:
        """How a comment names a part of what the decision says by this law."""
        return f"decision.laws[law_pack={self.law.pack}].{name}"

    def fact(self, name: str) -> tuple[Any, str]:
        """A fact, and how a comment names it with its origin; None where the case does not know it."""
        value, source = self._facts.get(name, (None, ""))
        return value, f"fact[{name}] ({source})"

    def stated(self, name: str) -> tuple[Any, str]:
        """A fact that somebody stated or evidence showed; None where it only has its default."""
        value, source = self.fact(name)
        return (None if self._facts.get(name, (None, ""))[1] == _DEFAULT else value), source

    def day(self, at: datetime) -> str:
        """The day of an instant in the zone of the case."""
        return day_text(at.astimezone(self._zone).date().isoformat())

    def moment(self, at: datetime) -> str:
        """The minute of an instant in the zone of the case."""
        local = at.astimezone(self._zone)
        return f"{day_text(local.date().isoformat())} {local:%H:%M}"


def day_text(iso: str) -> str:
    """A day as Japanese texts write it: `2026年11月4日`."""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def said(words: Words, name: str) -> tuple[str, str]:
    """The words for a name, or the name where there are none."""
    return words.get(name, (name, ""))


def span(count: Count) -> str:
    """Persons with their bounds; a minimum is told as one, and nobody found is not nobody."""
    if count.is_open and not count.high:
        return "見つかっていない(ゼロ人とは言えない・調査中)"
    text = f"{count.likely:,} 人"
    if count.low != count.high:
        text += f"(下限 {count.low:,} 人〜上限 {count.high:,} 人)"
    return f"少なくとも {text}(調査中)" if count.is_open else text


def capped(lines: Iterable[Line]) -> Filled:
    """The first lines, each once, and where the others stand."""
    listed = list(dict.fromkeys(lines))
    return tuple(listed[:MOST_LINES] + ([REST] if len(listed) > MOST_LINES else []))
