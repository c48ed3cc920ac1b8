"""Days of the law: the day of knowing in Japan, 30 and 60 days, closed days, the preliminary target.

References:
    - Enforcement Rules Art. 8(2); Guideline (General Rules) 3-5-3-3, 3-5-3-4
    - Act on Holidays of Administrative Organs Arts. 1, 2; Act on National Holidays Arts. 2, 3
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

JAPAN = ZoneInfo("Asia/Tokyo")
_SATURDAY = 5
# Act on Holidays of Administrative Organs Art. 1(1)(iii): 29 December to 3 January.
_YEAR_END = ((12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preliminary:
    """The 3 to 5 days of the guideline: a target in calendar days, which no holiday moves."""

    earliest: date
    latest: date
    latest_if_elapsed_days: date

    def as_json(self) -> dict[str, str]:
        """The three days as ISO dates."""
        return {
            "earliest": self.earliest.isoformat(),
            "latest": self.latest.isoformat(),
            "latest_if_elapsed_days": self.latest_if_elapsed_days.isoformat(),
        }


def day_in_japan(instant: datetime) -> date:
    """The date in Japan at an instant."""
    return instant.astimezone(JAPAN).date()


def preliminary(known: date, first: int, last: int) -> Preliminary:
    """The target window of the preliminary report, the day of knowing being day 1."""
    return Preliminary(
        earliest=nth_day(known, first),
        latest=nth_day(known, last),
        latest_if_elapsed_days=known + timedelta(days=last),
    )


def nth_day(known: date, number: int) -> date:
    """The nth calendar day, the day of knowing being day 1 (GL 3-5-3-4)."""
    return known + timedelta(days=number - 1)


def is_closed(day: date) -> bool:
    """Whether administrative organs are closed: Saturday, Sunday, national holiday, 29 December to 3 January."""
    if day.weekday() >= _SATURDAY or (day.month, day.day) in _YEAR_END:
        return True
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> Container[date]:
    # Only the days of the year: the package's own set would look up other years when asked.
    return frozenset(holidays.country_holidays("JP", years=year))


def next_open_day(day: date) -> date:
    """The day itself, or the first one after it that is not closed."""
    while is_closed(day):
        day += timedelta(days=1)
    return day
