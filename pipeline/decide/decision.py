"""The law's outcome over named facts: whether to report, by when, whom to notify, why, and what is missing.

Order of evaluation: (1) which law covers the entity; (2) the version in force; (3) every rule, none skipped;
(4) exemption and notice; (5) days. An outcome is true, false or undetermined, never a bare guess; a person decides.

Laws of other jurisdictions are asked only where they are named, and told beside (`abroad`), as are laws not yet in force
(`coming`): neither changes what the laws of Japan in force answer.

The caller still owes: facts as they stand, each with where it comes from, and the person who decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.decide import lawpack
from pipeline.decide.abroad import Abroad, abroad, coming
from pipeline.decide.bounds import settled
from pipeline.decide.expression import Reason, Truth, plain, read_facts, some, truth_word
from pipeline.decide.knowing import known_day
from pipeline.decide.lawpack import LawPack
from pipeline.decide.outcome import Dates, Notify, Outcome, outcome
from pipeline.decide.vocabulary import CATEGORIES, DERIVED, checked, is_open, possible_values
from pipeline.errors import RuleError

_CONDITIONAL = "conditional: they apply if the incident turns out to be reportable"
_EDGES = (0, 1, 100, 101, 1000, 1001)
# Facts worked out from another, which is the one to be given.
_GIVEN = dict.fromkeys(DERIVED, "entrustment.clients")
_NOTICE_ORDER = ("true", "deferred", "alternative_measures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one answer to a missing fact would make of the outcome."""

    value: Any
    reportable: Truth
    triggers: tuple[str, ...]
    final_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A fact that is not known, and what each answer would change."""

    fact: str
    answers: tuple[Answer, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The fact and its answers as JSON values."""
        return {
            "fact": self.fact,
            "answers": [
                {
                    "value": plain(one.value),
                    "reportable": truth_word(one.reportable),
                    "triggers": list(one.triggers),
                    "final_days": one.final_days,
                }
                for one in self.answers
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome over all laws asked, with its reasons and what would change it."""

    reportable: Truth
    met: tuple[str, ...]
    possible: tuple[str, ...]
    dates: Dates | None
    notify_individuals: Notify
    basis: str
    confidence: str
    outcomes: tuple[Outcome, ...]
    missing: tuple[Missing, ...]
    notes: tuple[str, ...]
    notice: str
    extra: Mapping[str, Any]
    abroad: tuple[Abroad, ...] = ()
    coming: tuple[Mapping[str, Any], ...] = ()

    @property
    def triggers(self) -> tuple[str, ...]:
        """The items met; where nothing is settled also those possible, each with `?`."""
        return self.met if self.reportable is not None else (*self.met, *(f"{one}?" for one in self.possible))

    def as_json(self) -> dict[str, Any]:
        """The decision in the form of the shared cases, with reasons, missing facts and who decides."""
        whole: dict[str, Any] = {
            "reportable": truth_word(self.reportable),
            "triggers": list(self.triggers),
            "possible_triggers": list(self.possible),
            "preliminary_due": None,
            "final_due": None,
        }
        if self.dates is not None:
            whole |= self.dates.as_json()
            if self.reportable is None:
                whole["dates_are"] = _CONDITIONAL
        return whole | {
            "notify_individuals": self.notify_individuals,
            "basis": self.basis,
            "confidence": self.confidence,
            **self.extra,
            "reasons": [reason.as_json() for one in self.outcomes for reason in one.reasons],
            "missing": [one.as_json() for one in self.missing],
            "notes": list(self.notes),
            "laws": [
                {"law_pack": one.law_pack, "title_ja": one.title_ja, "title_en": one.title_en, "sha256": one.sha256,
                 "reportable": truth_word(one.reportable), "triggers": list(one.met), "possible_triggers": list(one.possible),
                 "version": dict(one.version), **({"report_to": one.extra["report_to"]} if "report_to" in one.extra else {})}
                for one in self.outcomes
            ],
            **({"abroad": [one.as_json() for one in self.abroad]} if self.abroad else {}),
            **({"coming": [dict(one) for one in self.coming]} if self.coming else {}),
            "notice": self.notice,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laws:
    """The law packs asked, and those that are there but were not asked."""

    asked: tuple[LawPack, ...]
    rest: tuple[LawPack, ...]


def decide(
    entity_kind: str,
    facts: Mapping[str, Any],
    law_packs: Sequence[str] | None = None,
    folder: Path = lawpack.FOLDER,
    *,
    explores: bool = True,
) -> Decision:
    """What the law packs (every law of Japan there is, where none are named) say about an incident.

    With `explores` off it is not worked out what each missing fact would change.

    Raises:
        FactError: a fact is unknown, has a value it does not take, or contradicts another; it is named.
        RuleError: a law pack is missing or wrong.
    """
    values = settled(checked(entity_kind, facts))
    there = lawpack.load_all(folder)
    home = {name: pack for name, pack in there.items() if pack.is_home}
    named = tuple(home) if law_packs is None else tuple(dict.fromkeys(law_packs))
    for name in named:
        if name not in there:
            raise RuleError(
                f"there is no law pack {name!r} under {folder}; there are {', '.join(there) or 'none'}"
            )
    laws = _Laws(
        asked=tuple(home[name] for name in named if name in home),
        rest=tuple(home[name] for name in home if name not in named),
    )
    decision = _over(laws, values)
    decision = replace(
        decision,
        abroad=tuple(abroad(there[name], values) for name in named if there[name].is_abroad),
        coming=tuple(
            coming(pack, values)
            for pack in there.values()
            if pack.in_force_from is None and pack.covers(entity_kind)
        ),
    )
    return replace(decision, missing=_missing(decision, laws, values)) if explores else decision


def _over(laws: _Laws, values: Mapping[str, Any]) -> Decision:
    kind = values["entity_kind"]
    covering = [pack for pack in laws.asked if pack.covers(kind)]
    outcomes = [outcome(pack, values) for pack in covering]
    notes = [note for one in outcomes for note in one.notes]
    gaps = _gaps(laws, covering, values)
    # An exemption nobody claims is no gap of an outcome that is settled.
    notes += [
        said
        for one in outcomes
        if one.reportable is None
        for reason in one.reasons
        for said in _left_open(reason)
    ]
    reportable = some([*(one.reportable for one in outcomes), *([None] * len(gaps))])
    # Where two laws apply, the earlier limit is shown: one report may have to satisfy both.
    days = [one.dates for one in outcomes if one.reportable is reportable and one.dates is not None]

    def decides(one: Outcome) -> bool:
        return reportable is not True or one.reportable is True

    extra: dict[str, Any] = {}
    for one in reversed(outcomes):
        extra |= one.extra
    # Two laws that both apply may have two addressees: My Number always goes to the commission.
    told = [
        one.extra["report_to"]
        for one in outcomes
        if one.reportable is reportable and "report_to" in one.extra
    ]
    if told:
        extra["report_to"] = told[0] if len(set(told)) == 1 else list(dict.fromkeys(told))
    if reportable is False and "preliminary_filed_on" in values:
        extra["action"] = "inform the authority of the corrected finding"
    heads = covering or [*laws.asked, *laws.rest]
    return Decision(
        reportable=reportable,
        met=tuple(name for one in outcomes for name in one.met),
        possible=tuple(name for one in outcomes for name in one.possible),
        dates=min(days, key=lambda one: one.final_due) if days and reportable is not False else None,
        notify_individuals=_notify_over(reportable, outcomes),
        basis="; ".join(
            dict.fromkeys([*(text for one in outcomes if decides(one) for text in one.basis), *gaps])
        ),
        confidence=_confidence(reportable, outcomes),
        outcomes=tuple(outcomes),
        missing=(),
        notes=(*dict.fromkeys(notes), *gaps),
        notice=f"{heads[0].decides_ja} {heads[0].decides_en}" if heads else "",
        extra=extra,
    )


def _gaps(laws: _Laws, covering: Sequence[LawPack], values: Mapping[str, Any]) -> list[str]:
    """What is said where a law that may apply was not asked: never silently no."""
    kind = values["entity_kind"]
    gaps = []
    if not any(kind in pack.entity_kinds for pack in covering):
        named = [pack.name for pack in laws.rest if kind in pack.entity_kinds]
        which = f"law pack {' or '.join(named)} was not asked" if named else "no law pack speaks about it"
        gaps.append(f"entity kind {kind!r}: {which}")
    has_my_number = any(rule.id.startswith("MN-") for pack in laws.asked for rule in pack.rules)
    if values.get("my_number.included") != "no" and not has_my_number:
        gaps.append(
            "My Number may be included (if unknown, start from yes) and law pack my-number was not asked"
        )
    return gaps


def _notify_over(reportable: Truth, outcomes: Sequence[Outcome]) -> Notify:
    if reportable is not True:
        return "undetermined" if reportable is None else False
    given = [one.notify for one in outcomes if one.reportable is True]
    if True in given:
        return True
    return next((name for name in _NOTICE_ORDER if name in given), False)


def _confidence(reportable: Truth, outcomes: Sequence[Outcome]) -> str:
    """The word high where what decides was read in its source, medium where it was derived or is open."""
    if reportable is None:
        return "medium"
    decisive = [reason for one in outcomes for reason in one.reasons if reason.value is reportable]
    marks = {mark for reason in decisive for mark in _marks(reason)}
    return "medium" if marks & {"d", "u"} else "high"


def _marks(reason: Reason) -> Iterator[str]:
    """The marks of what makes a reason true; of a false one only its own, since its parts merely do not apply."""
    yield reason.mark
    for part in reason.parts if reason.value is True else ():
        if part.value is True:
            yield from _marks(part)


def _missing(decision: Decision, laws: _Laws, values: Mapping[str, Any]) -> tuple[Missing, ...]:
    """Facts not known, with what each answer would change: those that keep it open, and those that alone would change it."""
    keeping = {
        _GIVEN.get(name, name)
        for one in decision.outcomes
        for reason in one.reasons
        for name in _keeps_open(reason)
    }
    read = {
        name
        for one in decision.outcomes
        for reason in one.reasons
        for name, value in read_facts(reason)
        if is_open(name, value) and name not in _GIVEN
    }
    if decision.reportable is None:
        read |= keeping
    if values.get("encryption") in (None, "unknown") and "encryption_by_category" not in values:
        read.add("encryption")
    if decision.reportable is not False and known_day(values) is None:
        read.add("known_date")
    found = []
    for name in sorted(read):
        answers = tuple(
            Answer(value=value, reportable=other.reportable, triggers=other.triggers,
                   final_days=other.dates.final_days if other.dates else None)
            for value in _tried(name, values)
            if (other := _over(laws, {**values, name: value})) is not None
        )  # fmt: skip
        days = decision.dates.final_days if decision.dates else None
        now = (decision.reportable, decision.triggers, days)
        changes = any((one.reportable, one.triggers, one.final_days) != now for one in answers)
        if changes or (decision.reportable is None and name in keeping) or name == "known_date":
            found.append(Missing(fact=name, answers=answers))
    return tuple(found)


def _keeps_open(reason: Reason) -> Iterator[str]:
    """The facts of the conditions that are undetermined themselves: those nobody knows, or whose value settles nothing."""
    if reason.value is not None:
        return
    for part in reason.parts:
        yield from _keeps_open(part)
    unknown = [name for name, value in reason.facts.items() if is_open(name, value)]
    yield from unknown or reason.facts


def _left_open(reason: Reason) -> Iterator[str]:
    """What no fact settles: the words of conditions the sources leave open."""
    if reason.value is None:
        if not reason.parts and not reason.facts:
            yield f"open: {reason.said}"
        for part in reason.parts:
            yield from _left_open(part)


def _tried(name: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Answers worth trying: a closed list, or a number on each side of every threshold."""
    if name.endswith("persons_lower"):
        ceiling = values.get(name.replace("lower", "upper"), max(_EDGES))
        return tuple(edge for edge in _EDGES if edge <= ceiling)
    if name.endswith("persons_upper"):
        floor = values.get(name.replace("upper", "lower"), 0)
        return tuple(edge for edge in _EDGES if edge >= floor) or (floor,)
    if name == "categories":
        return tuple((one,) for one in CATEGORIES)
    return possible_values(name)
