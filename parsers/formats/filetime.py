"""FILETIME: counts of 100 nanoseconds since 1601, as instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# [MS-DTYP] 2.3.3 FILETIME: 100-nanosecond intervals since January 1, 1601 (UTC).
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
TICKS_PER_MICROSECOND = 10
# [MS-DTYP] 2.3.3: the value is a signed 64-bit count where it is used as a time, so the top bit is never set.
_LAST_TICK = (1 << 63) - 1


def instant(ticks: int) -> datetime | None:
    """The instant a FILETIME names, cut to microseconds; None for 0, which stands for `never`.

    Raises:
        ValueError: the count lies outside the years 1601 to 9999.
    """
    if ticks == 0:
        return None
    if not 0 < ticks <= _LAST_TICK:
        raise ValueError(f"FILETIME {ticks:#018x} is no time")
    try:
        return EPOCH + timedelta(microseconds=ticks // TICKS_PER_MICROSECOND)
    except OverflowError as error:
        raise ValueError(f"FILETIME {ticks:#018x} lies after the year 9999") from error


def ticks(at: datetime) -> int:
    """The FILETIME of an instant."""
    return (at - EPOCH) // timedelta(microseconds=1) * TICKS_PER_MICROSECOND
