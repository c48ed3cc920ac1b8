"""The days of the decision on a calendar: month by month, with closed days of Japan, and the same as a list."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.law_days import is_closed

_SUNDAY_FIRST = calendar.Calendar(firstweekday=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A day that matters: its kind (known, target, final), and words."""

    on: date
    kind: str
    ja: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of a month: whether public offices are closed, and what stands on it."""

    on: date
    is_closed: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month in weeks from Sunday on; days of other months are None."""

    year: int
    month: int
    weeks: tuple[tuple[Day | None, ...], ...]


def marks(decided: Mapping[str, Any]) -> tuple[Mark, ...]:
    """The days a decision names, in order; none where it names none."""
    found = []

    def add(text: object, kind: str, ja: str, en: str) -> None:
        if isinstance(text, str) and text:
            found.append(Mark(on=date.fromisoformat(text), kind=kind, ja=ja, en=en))

    add(decided.get("counted_from"), "known", "知った日(1日目)", "day of knowing, day 1")
    due = decided.get("preliminary_due") or {}
    add(due.get("earliest"), "target", "速報 3日目", "preliminary, day 3")
    add(due.get("latest"), "target", "速報 5日目", "preliminary, day 5")
    add(decided.get("final_due"), "final", f"確報の期限({decided.get('final_days')}日)", "final report due")
    add(decided.get("notice_to_entruster_due"), "target", "委託元への通知", "notice to the entruster")
    return tuple(sorted(found, key=lambda one: (one.on, one.kind)))


def months(listed: Sequence[Mark]) -> tuple[Month, ...]:
    """Every month from the first mark to the last that has one."""
    return tuple(
        _month(year, month, listed) for year, month in sorted({(one.on.year, one.on.month) for one in listed})
    )


def _month(year: int, month: int, listed: Sequence[Mark]) -> Month:
    weeks = tuple(
        tuple(
            Day(on=day, is_closed=is_closed(day), marks=tuple(one for one in listed if one.on == day))
            if day.month == month
            else None
            for day in week
        )
        for week in _SUNDAY_FIRST.monthdatescalendar(year, month)
    )
    return Month(year=year, month=month, weeks=weeks)
