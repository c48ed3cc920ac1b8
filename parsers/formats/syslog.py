"""Lines of syslog: the traditional form without a year, that of rsyslog with an ISO time, and RFC 5424.

References:
    - RFC 3164, 4.1; RFC 5424, 6; RFC 3339
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HALF_YEAR = 6

_FRONT = re.compile(
    r"(?:<\d{1,3}>)?(?:1 )?(?:(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d(?:\.\d{1,9})?)"
    r"|(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)) (?P<machine>[^\s:]\S*) ",
    re.ASCII,
)
_PROGRAM = re.compile(r"(?P<program>[^\s:\[]{1,128})(?:\[(?P<process>\d{1,10})\])?(?: <\w+>)?: ?", re.ASCII)
# RFC 5424: APP-NAME PROCID MSGID and structured data, whose values escape quotation marks.
_PROGRAM_5424 = re.compile(
    r'(?P<program>\S{1,48}) (?P<process>\S{1,128}) \S{1,32} (?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+) ?',
    re.ASCII,
)
_NEW_FORM = re.compile(r"<\d{1,3}>1 ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of syslog: who wrote it, and its message; `at` is exact, `wall` a clock as written, without a year where `month` tells."""

    machine: str
    program: str
    process_id: int | None
    message: str
    stamp: str
    at: datetime | None
    wall: datetime | None
    month: int | None


def line_of(stored: str) -> Line | None:
    """A line taken apart; None where it is none of syslog."""
    front = _FRONT.match(stored)
    if front is None:
        return None
    form = _PROGRAM_5424 if _NEW_FORM.match(stored) else _PROGRAM
    program = form.match(stored, front.end())
    if program is None:
        return None
    process = program["process"]
    at, wall = _iso(front["iso"]) if front["iso"] else (None, None)
    return Line(
        machine=front["machine"],
        # A daemon may write its path, a program of systemd what it is part of.
        program=program["program"].rsplit("/", 1)[-1],
        process_id=int(process)
        if process and process.isascii() and process.isdigit() and len(process) < 11
        else None,
        message=stored[program.end() :].strip(),
        stamp=front["iso"] or f"{front['month']} {front['day']} {front['clock']}",
        at=at,
        wall=wall,
        month=MONTHS.index(front["month"]) + 1 if front["month"] in MONTHS else None,
    )


def in_year(stamp: str, year: int) -> datetime | None:
    """The wall clock of a stamp without a year in one; None where it is none."""
    month, day, clock = stamp.split(" ")
    try:
        number = MONTHS.index(month) + 1
        return datetime.fromisoformat(f"{year:04d}-{number:02d}-{int(day):02d}T{clock[:15]}")
    except ValueError:
        return None


class Years:
    """Counts how often the year has turned from line to line: the months fall by half a year or more."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self.turns = 0
        self._month: int | None = None

    def take(self, month: int) -> int:
        """How often it has turned at a line of this month; a line out of order falls back."""
        if self._month is not None:
            if month - self._month <= -_HALF_YEAR:
                self.turns += 1
            elif month - self._month >= _HALF_YEAR and self.turns:
                self.turns -= 1
        self._month = month
        return self.turns


def _iso(stored: str) -> tuple[datetime | None, datetime | None]:
    try:
        at = datetime.fromisoformat(stored)
        return (None, at) if at.tzinfo is None else (at.astimezone(UTC), None)
    except (ValueError, OverflowError):
        return None, None
