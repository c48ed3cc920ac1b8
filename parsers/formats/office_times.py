"""Times as Office and OpenDocument write them in XML: W3CDTF, with or without a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_DURATION = re.compile(
    r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?", re.ASCII
)


def moment(stored: str | None) -> datetime | None:
    """A time in UTC where it names a zone, else a wall clock without one; None where there is none.

    Raises:
        ValueError: it is no time.
    """
    if stored is None or not stored.strip():
        return None
    found = _MOMENT.fullmatch(stored.strip())
    if found is None:
        raise ValueError(f"no time: {stored[:60]!r}")
    year, month, day, hour, minute, second = (int(one or 0) for one in found.groups()[:6])
    microsecond = int((found[7] or "0").ljust(9, "0")[:6])
    try:
        wall = datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001  a wall clock
        if found[8] is None:
            return wall
        return (wall - _offset(found[8])).replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no time: {stored[:60]!r}") from error


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta()
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timedelta(minutes=minutes if zone[0] == "+" else -minutes)


def minutes_of(stored: str) -> int | None:
    """Whole minutes of an ISO 8601 duration (`PT1H30M10S`); None where it is none."""
    found = _DURATION.fullmatch(stored.strip())
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    return days * 1440 + hours * 60 + minutes + seconds // 60
