"""What one law says of an incident: items met and possible, exemption, notice, days, with the reasons.

Order of evaluation: (1) the version in force; (2) is the body or this handling outside the law; (3) every rule, none
skipped, because improper purpose changes the time; (4) exemption, notice, addressee.

The version is that of the day of knowing, since knowing is what the duty follows. Where the incident happened under an
earlier version both are asked: what they do not agree on stays open, because no source seen says which one governs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from pipeline.decide.expression import Facts, Reason, Truth, evaluate, every, some, truth_word
from pipeline.decide.knowing import known_day
from pipeline.decide.lawpack import LawPack, Rule
from pipeline.law_days import Preliminary, next_open_day, nth_day, preliminary

_LATE_NOTICE = "the notice to the entruster came after the 3 to 5 days of the guideline: whether it was prompt is judged case by case"
Notify = bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The days that follow from a day of knowing."""

    counted_from: date
    preliminary: Preliminary
    final_days: int
    final_day_before_rollover: date
    final_due: date

    def as_json(self) -> dict[str, Any]:
        """The days as ISO dates, by the names of the shared cases."""
        return {
            "preliminary_due": self.preliminary.as_json(),
            "final_days": self.final_days,
            "final_day_before_rollover": self.final_day_before_rollover.isoformat(),
            "final_due": self.final_due.isoformat(),
            "counted_from": self.counted_from.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one law pack says."""

    law_pack: str
    title_ja: str
    title_en: str
    sha256: str
    reportable: Truth
    version: Mapping[str, Any] = field(default_factory=dict)
    met: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    dates: Dates | None = None
    notify: Notify = False
    basis: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def outcome(whole: LawPack, values: Mapping[str, Any]) -> Outcome:
    """What one law pack says over checked facts."""
    known, happened = known_day(values), values.get("occurred_date")
    found = _under(whole, values, known)
    if happened is None or whole.on(happened) == whole.on(known):
        return found
    return _agreed(found, _under(whole, values, happened))


def version_on(pack: LawPack, day: date | None) -> dict[str, Any]:
    """Which version of a law is applied: on which day, why that day, and what last changed before it."""
    because = ("知った日の規定による", "the day of knowing: the duty follows knowing")
    if day is None:
        because = ("知った日が不明のため現行規定による", "no day of knowing is stated: what is in force now")
    said: dict[str, Any] = {"on": None if day is None else day.isoformat(),
                            "because_ja": because[0], "because_en": because[1]}  # fmt: skip
    version = pack.version(day)
    if version is not None:
        said |= {"since": version.since.isoformat(), "article": version.article, "mark": version.mark,
                 "text_ja": version.text_ja, "text_en": version.text_en}  # fmt: skip
    return said


def _under(whole: LawPack, values: Mapping[str, Any], day: date | None) -> Outcome:
    """What the version of a day says."""
    known = known_day(values)
    pack = whole.on(day)
    facts = Facts(values=values, protecting=pack.protecting)
    blank = Outcome(
        law_pack=pack.name,
        title_ja=pack.title_ja,
        title_en=pack.title_en,
        sha256=pack.sha256,
        reportable=False,
        version=version_on(whole, day),
    )
    # 1. Version: before the duty existed there was none.
    if not pack.rules:
        note = f"{pack.title_en}: no rule was in force on {day}; the duty began on {pack.in_force_from}"
        return replace(blank, basis=(note,), notes=(note,))
    # 2. Regime: is the body, or this handling, outside the law?
    outside = [(one, _said(one, pack, facts)) for one in pack.outside]
    for one, reason in outside:
        if reason.value is True:
            return replace(blank, basis=(one.article,), reasons=(reason,), extra=dict(one.outcome))
    # 3. Every rule.
    said = [(one, _said(one, pack, facts)) for one in pack.rules]
    met = [one for one, reason in said if reason.value is True]
    possible = [one for one, reason in said if reason.value is None]
    reasons = [reason for _, reason in (*outside, *said)]
    truth = some([reason.value for _, reason in said])
    truth = every([truth, *(None for _, reason in outside if reason.value is None)])
    found = replace(
        blank,
        reportable=truth,
        met=tuple(one.id for one in met),
        possible=tuple(one.id for one in possible),
        dates=_dates(pack, met or possible, values),
        basis=_basis(met or possible, said),
        reasons=tuple(reasons),
        notes=_notes(values, met),
    )
    if truth is False:
        return _with_guideline(found, pack, facts)
    # 4. Exemption, notice, addressee.
    found = _with_exemption(found, pack, facts, known)
    if found.reportable is False:
        return found
    found = _with_remarks(found, pack, facts)
    notify, basis, shown = _notify(pack, facts, found.reportable)
    addressee = "delegated_minister" if pack.delegable and "delegated_sector" in values else pack.report_to
    return replace(
        found,
        notify=notify,
        basis=(*found.basis, *basis),
        reasons=(*found.reasons, *shown),
        extra={**found.extra, "report_to": addressee},
    )


def _agreed(now: Outcome, then: Outcome) -> Outcome:
    """The outcome of two versions: what both say; the rest is open."""
    if (now.reportable, now.met, now.possible) == (then.reportable, then.met, then.possible):
        return now
    days = [one.dates for one in (now, then) if one.dates is not None]
    met = tuple(name for name in now.met if name in then.met)
    named = dict.fromkeys((*now.met, *now.possible, *then.met, *then.possible))
    agree = now.reportable is then.reportable
    note = (
        f"{now.title_en}: the incident happened under the version of {then.version.get('since', 'no duty yet')}, it was "
        f"known under that of {now.version.get('since', 'no duty yet')}; "
        f"the first gives {_told(then)}, the second {_told(now)}; no source seen says which one governs"
    )
    return replace(
        now,
        reportable=now.reportable if agree else None,
        met=met,
        possible=tuple(name for name in named if name not in met),
        dates=min(days, key=lambda one: one.final_due) if days else None,
        notify=now.notify if agree and now.notify == then.notify else "undetermined",
        basis=tuple(dict.fromkeys((*now.basis, *then.basis))),
        reasons=(*now.reasons, *_others(now, then)),
        notes=tuple(dict.fromkeys((*now.notes, *then.notes, note))),
        # What belongs to a certain outcome (an exemption, a body outside the Act) is not said of an open one.
        extra=now.extra if agree else {key: now.extra[key] for key in ("report_to",) if key in now.extra},
    )


def _told(one: Outcome) -> str:
    said = f"reportable {truth_word(one.reportable)}".lower()
    return (
        f"{said} ({', '.join((*one.met, *(f'{name}?' for name in one.possible)))})"
        if one.met or one.possible
        else said
    )


def _others(now: Outcome, then: Outcome) -> tuple[Reason, ...]:
    """The reasons of an earlier version that the later one does not give as well."""
    return tuple(one for one in then.reasons if one not in now.reasons)


def _said(one: Rule, pack: LawPack, facts: Facts) -> Reason:
    inner = evaluate(one.condition, facts, pack.definitions)
    return Reason(
        said=one.id, value=inner.value, article=one.article, mark=one.mark,  # type: ignore[arg-type]
        ja=f"{one.id} {one.text_ja}", en=f"{one.id} {one.text_en}", parts=(inner,),
    )  # fmt: skip


def _basis(spoken: Sequence[Rule], said: Sequence[tuple[Rule, Reason]]) -> tuple[str, ...]:
    """The articles of the items met or possible; of an outcome "no" the sources of what decided each item."""
    if spoken:
        return tuple(dict.fromkeys(one.article for one in spoken))
    deciding = [article for _, reason in said for article in _deciding(reason) if article]
    return tuple(dict.fromkeys(deciding))


def _deciding(reason: Reason) -> Iterator[str]:
    """The articles of the parts of a conjunction that are false."""
    inner = reason.parts[0] if reason.parts else reason
    for part in inner.parts:
        if part.value is False:
            # A named definition carries its article itself, the place that uses it none.
            yield part.article or (part.parts[0].article if part.parts else "")


def _dates(pack: LawPack, rules: Sequence[Rule], values: Mapping[str, Any]) -> Dates | None:
    """The days of the items met; 60 days only where improper purpose was known from the first (GL 3-5-3-4)."""
    starts = [(start, one) for one in rules if (start := _start(one, values)) is not None]
    if not starts:
        return None
    first = min(start for start, _ in starts)
    longest = [one.final_days for start, one in starts if start == first]
    # Open items alone do not lengthen the time: the shorter one is the careful reading.
    is_settled = values.get("improper_purpose") in ("yes", "suspected")
    days = max(longest) if is_settled else min(longest)
    last = nth_day(first, days)
    return Dates(
        counted_from=first,
        preliminary=preliminary(first, *pack.preliminary_days),
        final_days=days,
        final_day_before_rollover=last,
        final_due=next_open_day(last),
    )


def _start(one: Rule, values: Mapping[str, Any]) -> date | None:
    """The day from which an item's time runs: the day of knowing, or the later day on which the item was known."""
    known = known_day(values)
    if known is None:
        return None
    if one.starts_at and one.starts_at in values:
        return max(known, cast(date, values[one.starts_at]))
    if one.grows_over is not None:
        # GL 3-5-3-1(4): the item applies from the time the number is exceeded.
        for day, lower, upper in values.get("count_history", ()):
            if any(bound is not None and bound > one.grows_over for bound in (lower, upper)):
                return max(known, cast(date, day))
    return known


def _with_exemption(found: Outcome, pack: LawPack, facts: Facts, known: date | None) -> Outcome:
    for one in pack.exemptions:
        reason = _said(one, pack, facts)
        found = replace(found, reasons=(*found.reasons, reason))
        if facts.values.get("entrustment.role") == "entrustee" and known is not None:
            window = preliminary(known, *pack.preliminary_days)
            due = {"earliest": window.earliest.isoformat(), "latest": window.latest.isoformat()}
            found = replace(found, extra={**found.extra, "notice_to_entruster_due": due})
            told = facts.values.get("entrustment.notified_entruster_on")
            if reason.value is True and told is not None and told > window.latest_if_elapsed_days:
                return replace(found, reportable=None, notes=(*found.notes, _LATE_NOTICE))
        if reason.value is True and known is None:
            # Whether the notice was prompt cannot be said without the day of knowing.
            return replace(found, reportable=None, basis=(*found.basis, one.article))
        if reason.value is True:
            # Also where an item is open: met or not, the duty is discharged.
            return replace(
                found,
                reportable=False,
                dates=None,
                basis=(one.article,),
                extra={**found.extra, "exempt_by": one.id},
            )
        if reason.value is not False:
            found = replace(found, reportable=None, basis=(*found.basis, one.article))
    return found


def _with_guideline(outcome: Outcome, pack: LawPack, facts: Facts) -> Outcome:
    for one in pack.guidelines:
        reason = _said(one, pack, facts)
        if reason.value is True:
            extra = {**outcome.extra, "guideline_report": one.id}
            return replace(
                outcome, reasons=(*outcome.reasons, reason), extra=extra, basis=(*outcome.basis, one.article)
            )
    return outcome


def _with_remarks(found: Outcome, pack: LawPack, facts: Facts) -> Outcome:
    """What the law adds to an incident that is, or may be, reportable: a form to use, an authority to tell."""
    for one in pack.remarks:
        reason = _said(one, pack, facts)
        if reason.value is True:
            note = f"{one.text_en} ({one.article})"
            found = replace(found, reasons=(*found.reasons, reason), notes=(*found.notes, note))
    return found


def _notify(
    pack: LawPack, facts: Facts, reportable: Truth
) -> tuple[Notify, tuple[str, ...], tuple[Reason, ...]]:
    if reportable is None:
        return "undetermined", (), ()
    for one in pack.notices:
        reason = _said(one, pack, facts)
        if reason.value is True:
            return (False if one.id == "false" else one.id), (one.article,), (reason,)
    return True, (), ()


def _notes(values: Mapping[str, Any], met: Sequence[Rule]) -> tuple[str, ...]:
    notes = []
    if known_day(values) is None and "occurred_date" not in values:
        notes.append("no day is known: the rules still in force were applied, and no dates follow")
    if met and values.get("all_items_known") is True:
        notes.append(
            "all items are known: one report may serve as preliminary and final (Guideline 3-5-3-4 *1)"
        )
    if met and "purpose_learned_on" in values and len({one.final_days for one in met}) > 1:
        notes.append(
            "improper purpose was learned later: 30 days from the first knowledge, then supplement (careful reading of Guideline 3-5-3-4)"
        )
    if any(one.get("related") is False for one in values.get("other_incident", ())):
        notes.append("an unrelated incident is not added up (Rules Art. 7(iv), derived)")
    if any(one.get("related") == "unknown" for one in values.get("other_incident", ())):
        notes.append(
            "whether another incident is one situation with this one is not known: the maximum is open"
        )
    history = values.get("count_history", ())
    if history and values.get("persons_upper", history[-1][2]) != history[-1][2]:
        notes.append(
            "the bounds stated differ from the newest step of count_history: those stated were taken"
        )
    if values.get("event_certainty") == "excluded" and values.get("egress_evidence") in (
        "missing",
        "partial",
    ):
        notes.append(
            "the incident is stated as excluded although logs are missing: missing logs are not exclusion"
        )
    return tuple(notes)
