"""What one law says of an incident: items met and possible, exemption, notice, days, with the reasons.

Order of evaluation: (1) is the body or this handling outside the law; (2) the version in force; (3) every rule, none
skipped, because improper purpose changes the time; (4) exemption, notice, addressee.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from pipeline.decide.calendar import Preliminary, next_open_day, nth_day, preliminary
from pipeline.decide.expression import Facts, Reason, Truth, evaluate, every, some
from pipeline.decide.lawpack import LawPack, Rule
from pipeline.decide.vocabulary import known_day

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
    known = known_day(values)
    happened = values.get("occurred_date", known)
    pack = whole.on(happened)
    facts = Facts(values=values, protecting=pack.protecting)
    blank = Outcome(
        law_pack=pack.name,
        title_ja=pack.title_ja,
        title_en=pack.title_en,
        sha256=pack.sha256,
        reportable=False,
    )
    # 1. Regime: is the body, or this handling, outside the law?
    outside = [(one, _said(one, pack, facts)) for one in pack.outside]
    for one, reason in outside:
        if reason.value is True:
            return replace(blank, basis=(one.article,), reasons=(reason,), extra=dict(one.outcome))
    # 2. Version: before the duty existed there was none; learned later than it began, that is open.
    if not pack.rules:
        note = f"{pack.title_en}: no rule was in force on {happened}; the duty began on {pack.in_force_from}"
        open_since = known is not None and known >= pack.in_force_from
        return replace(blank, reportable=None if open_since else False, basis=(note,), notes=(note,))
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
    notify, basis, shown = _notify(pack, facts, found.reportable)
    addressee = "delegated_minister" if pack.delegable and "delegated_sector" in values else pack.report_to
    return replace(
        found,
        notify=notify,
        basis=(*found.basis, *basis),
        reasons=(*found.reasons, *shown),
        extra={**found.extra, "report_to": addressee},
    )


def settled(values: dict[str, Any]) -> dict[str, Any]:
    """Facts with the bounds of persons as the law counts them: the dead taken out, the newest count taken in.

    A related incident is one situation with this one; persons may overlap, so at least the larger, at most the sum.
    """
    history = values.get("count_history", ())
    if history and not {"persons_lower", "persons_upper"} & set(values):
        _, lower, upper = history[-1]
        values |= {
            name: bound
            for name, bound in (("persons_lower", lower), ("persons_upper", upper))
            if bound is not None
        }
    dead = values.get("deceased")
    if isinstance(dead, Mapping):
        values.setdefault("deceased_about_living_relatives", dead.get("about_living_relatives", False))
        dead = dead.get("persons")
    # ACT Art. 2(1); GL 2-1 *2: only living persons, unless the data are also about living relatives.
    if dead and values.get("deceased_about_living_relatives") is not True:
        for name in ("persons_lower", "persons_upper"):
            if name in values:
                values[name] = 0 if dead is True else max(0, values[name] - dead)
    other = values.get("other_incident")
    if isinstance(other, Mapping) and other.get("related") is True:
        low, high = (other.get(key, other.get("persons")) for key in ("persons_lower", "persons_upper"))
        if "persons_lower" in values and isinstance(low, int):
            values["persons_lower"] = max(values["persons_lower"], low)
        if "persons_upper" in values and isinstance(high, int):
            values["persons_upper"] += high
    if values.get("my_number.included") in ("yes", "unknown", None) and "persons_upper" in values:
        # Nobody counted the My Numbers: at most one for each person.
        values.setdefault("my_number.persons_upper", values["persons_upper"])
    return values


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
        if reason.value is True and found.reportable is True:
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
    if "other_incident" in values:
        notes.append("an unrelated incident is not added up (Rules Art. 7(iv), derived)")
    if values.get("event_certainty") == "excluded" and values.get("egress_evidence") in (
        "missing",
        "partial",
    ):
        notes.append(
            "the incident is stated as excluded although logs are missing: missing logs are not exclusion"
        )
    return tuple(notes)
