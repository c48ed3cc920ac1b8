"""Japanese holidays worked out from the Act on National Holidays alone: a second method beside the maintained package.

Written for 2021 to 2030. The equinoxes follow the usual approximation for 1980 to 2099; what is gazetted decides.
"""

from __future__ import annotations

from datetime import date, timedelta

# Act on National Holidays Art. 2, days of fixed date; Mountain Day and the like moved for the games of 2021.
_FIXED = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
# Art. 2: the nth Monday of a month (Coming of Age, Marine, Respect for the Aged, Sports).
_MONDAYS = ((1, 2), (7, 3), (9, 3), (10, 2))
# Act on Special Measures for the games, Art. 32 as in force for 2021.
_MOVED_2021 = {date(2021, 7, 19): date(2021, 7, 22), date(2021, 10, 11): date(2021, 7, 23),
               date(2021, 8, 11): date(2021, 8, 8)}  # fmt: skip
_SUNDAY = 6


def of_year(year: int) -> frozenset[date]:
    """Every national holiday of a year, substitutes and days between two holidays included."""
    named = {date(year, month, day) for month, day in _FIXED}
    named |= {_nth_monday(year, month, number) for month, number in _MONDAYS}
    named |= {date(year, 3, _equinox(year, 20.8431)), date(year, 9, _equinox(year, 23.2488))}
    named = {_MOVED_2021.get(day, day) for day in named}
    # Art. 3(2): for a holiday on a Sunday the nearest following day that is none itself.
    substitutes = set()
    for day in named:
        if day.weekday() == _SUNDAY:
            while day in named:
                day += timedelta(days=1)
            substitutes.add(day)
    # Art. 3(3): a day that is no holiday, the day before and the day after being national holidays.
    between = {day + timedelta(days=1) for day in named if day + timedelta(days=2) in named} - named
    return frozenset(named | substitutes | {day for day in between if day.weekday() != _SUNDAY})


def _nth_monday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(-first.weekday()) % 7 + 7 * (number - 1))


def _equinox(year: int, base: float) -> int:
    return int(base + 0.242194 * (year - 1980) - (year - 1980) // 4)
