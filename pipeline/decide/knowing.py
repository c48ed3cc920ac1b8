"""When it was first known: by any department, at a day in Japan, and at an hour where that was stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.law_days import day_in_japan


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """When a department came to know: the day in Japan, and the instant where it was stated."""

    department: str
    day: date
    at: datetime | None = None


def known_day(values: Mapping[str, Any]) -> date | None:
    """The day in Japan on which the situation was first known, by any department (GL 3-5-3-3); None if not known."""
    stated = day_in_japan(values["known_at"]) if "known_at" in values else values.get("known_date")
    days = [stated, *(one.day for one in values.get("knowledge", ()))]
    if values.get("entrustment.role") == "entruster":
        # GL 3-5-3-5: the entruster normally knows at the latest when the entrustee's notice arrives.
        days.append(values.get("entrustment.notified_by_entrustee_on"))
    return min((day for day in days if day is not None), default=None)


def known_hour(values: Mapping[str, Any]) -> datetime | None:
    """The instant at which it was first known; None where somebody knew on the first day at an hour nobody stated."""
    day = known_day(values)
    known = [one for one in values.get("knowledge", ()) if one.day == day]
    hours = [one.at for one in known if one.at is not None]
    if len(hours) < len(known):
        return None
    if "known_at" in values and day_in_japan(values["known_at"]) == day:
        hours.append(values["known_at"])
    return min(hours, default=None)
