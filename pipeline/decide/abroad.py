"""What the law of another jurisdiction asks, and what a law not yet in force would: told beside the decision, never in it.

Each rule of such a pack is a duty of its own: what, to whom, within which time, from when. Days are counted after the
day on which the time begins, hours from the hour of knowing; no holiday moves them. Which zone the law counts in is
not asked: the day of knowing is a day in Japan, which begins before most others, so a limit is never shown too late.

The caller still owes: facts only that law asks (`gdpr`, `korea` ...), and a person who knows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from pipeline.decide.expression import Facts, Reason, Truth, evaluate, plain, read_facts, some, truth_word
from pipeline.decide.knowing import known_day, known_hour
from pipeline.decide.lawpack import LawPack, Rule
from pipeline.decide.outcome import version_on
from pipeline.decide.vocabulary import is_open, possible_values
from pipeline.law_days import JAPAN

# Numbers on each side of every threshold of the packs.
_EDGES = (0, 1, 499, 500, 501, 999, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty of a law: to whom, whether it is owed, and by when."""

    rule: Rule
    owed: Truth
    due: Mapping[str, str] | None

    def as_json(self) -> dict[str, Any]:
        """The duty as JSON values."""
        return {
            "id": self.rule.id, "duty": self.rule.duty, "to_ja": self.rule.to_ja, "to_en": self.rule.to_en,
            "owed": truth_word(self.owed), "due": self.due,
            "text_ja": self.rule.text_ja, "text_en": self.rule.text_en,
            "article": self.rule.article, "mark": self.rule.mark,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Abroad:
    """What one law of another jurisdiction asks."""

    pack: LawPack
    owed: Truth
    version: Mapping[str, Any]
    duties: tuple[Duty, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The law, its duties, the reasons, and what each answer to a missing fact would change."""
        return {
            "law_pack": self.pack.name, "jurisdiction": self.pack.jurisdiction,
            "title_ja": self.pack.title_ja, "title_en": self.pack.title_en, "sha256": self.pack.sha256,
            "version": dict(self.version), "owed": truth_word(self.owed),
            "duties": [one.as_json() for one in self.duties],
            "reasons": [one.as_json() for one in self.reasons],
            "missing": list(self.missing), "notes": list(self.notes),
            "notice": f"{self.pack.decides_ja} {self.pack.decides_en}",
        }  # fmt: skip


def abroad(whole: LawPack, values: Mapping[str, Any]) -> Abroad:
    """What a law of another jurisdiction asks over checked facts, and what is missing."""
    found = _asked(whole, values)
    return replace(found, missing=tuple(_missing(found, whole, values)))


def coming(pack: LawPack, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a law that is passed but not in force would change: information, never a result."""
    facts = Facts(values=values, protecting=pack.protecting)
    known = known_day(values)
    says = "not in force: information, never a result"
    if known is not None and pack.in_force_by is not None and known >= pack.in_force_by:
        says = f"in force by {pack.in_force_by} at the latest, and not held here: ask what has changed by {known}"
    return {
        "law_pack": pack.name, "title_ja": pack.title_ja, "title_en": pack.title_en, "sha256": pack.sha256,
        "in_force_from": None, "in_force_by": plain(pack.in_force_by), "state": says,
        "clauses": [
            {"id": one.id, "article": one.article, "mark": one.mark, "text_ja": one.text_ja, "text_en": one.text_en,
             "if_in_force": truth_word(evaluate(one.condition, facts, pack.definitions).value)}
            for one in (*pack.rules, *pack.notices)
        ],
    }  # fmt: skip


def _asked(whole: LawPack, values: Mapping[str, Any]) -> Abroad:
    known = known_day(values)
    pack = whole.on(known)
    facts = Facts(values=values, protecting=pack.protecting)
    said = [(one, evaluate(one.condition, facts, pack.definitions)) for one in pack.rules]
    notes = [
        f"{one.id}: the time runs from {one.runs_from}, which is not stated"
        for one, reason in said
        if reason.value is not False and (one.within_days or one.within_hours) and _due(one, values) is None
    ]
    if not said:
        notes.append(
            f"{pack.title_en}: no rule was in force on {known}; the first are of {pack.in_force_from}"
        )
    return Abroad(
        pack=pack,
        owed=some([reason.value for _, reason in said]),
        version=version_on(whole, known),
        duties=tuple(
            Duty(rule=one, owed=reason.value, due=None if reason.value is False else _due(one, values))
            for one, reason in said
        ),
        reasons=tuple(
            Reason(said=one.id, value=reason.value, article=one.article, mark=one.mark,  # type: ignore[arg-type]
                   ja=f"{one.id} {one.text_ja}", en=f"{one.id} {one.text_en}", parts=(reason,))
            for one, reason in said
        ),
        notes=tuple(notes),
    )  # fmt: skip


def _due(one: Rule, values: Mapping[str, Any]) -> dict[str, str] | None:
    """The last moment or day of a duty; None where it has no number or its start is not known."""
    known = known_day(values)
    starts = {
        "known": known,
        "persons_notified_on": values.get("persons_notified_on"),
        "year_end": None if known is None else date(known.year, 12, 31),
    }
    start = starts[one.runs_from]
    if start is None or not (one.within_hours or one.within_days):
        return None
    if one.within_days:
        last = start + timedelta(days=one.within_days)
        return {
            "on": last.isoformat(),
            "counted_from": start.isoformat(),
            "counted": f"{one.within_days} days after",
        }
    at = known_hour(values)
    hour = datetime.combine(start, time.min, tzinfo=JAPAN) if at is None else at.astimezone(JAPAN)
    from_when = "the first hour of the day of knowing" if at is None else "the hour of knowing"
    return {
        "at": (hour + timedelta(hours=one.within_hours)).isoformat(),
        "counted_from": hour.isoformat(),
        "counted": f"{one.within_hours} hours from {from_when}",
    }


def _missing(found: Abroad, whole: LawPack, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Facts read but not known, with the duties each answer would leave."""
    if found.owed is not None and all(one.owed is not None for one in found.duties):
        return
    read = {
        name
        for reason in found.reasons
        if reason.value is None
        for name, value in read_facts(reason)
        if is_open(name, value)
    }
    for name in sorted(read):
        answers = [(value, _asked(whole, {**values, name: value})) for value in _tried(name, values)]
        yield {
            "fact": name,
            "answers": [
                {"value": plain(value), "owed": truth_word(other.owed),
                 "duties": {one.rule.id: truth_word(one.owed) for one in other.duties}}
                for value, other in answers
            ],
        }  # fmt: skip


def _tried(name: str, values: Mapping[str, Any]) -> Sequence[Any]:
    if name.endswith("_lower"):
        highest = values.get(name.replace("lower", "upper"), max(_EDGES))
        return tuple(edge for edge in _EDGES if edge <= highest)
    if name.endswith("_upper"):
        lowest = values.get(name.replace("upper", "lower"), 0)
        return tuple(edge for edge in _EDGES if edge >= lowest)
    return possible_values(name)
