"""Lines of syslog: the traditional form without a year, that of rsyslog with an ISO time, and RFC 5424.

Traditional lines write neither year nor zone. The year is that which the name of a rotated log tells (`secure-20260928`), else
none is given: what is written is kept, with how often the year turned between the line and the last one.

References:
    - RFC 3164, 4.1; RFC 5424, 6; RFC 3339; logrotate(8), dateext
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from parsers.contract import Artefact, Column, integer, text
from parsers.formats import codecs, log_rows
from parsers.formats.lines import lines

# What a table of such lines keeps of a clock without a year.
CLOCK_TEXT = Column("clock_text", text, "The wall clock as written, of a line that tells no year: month, day and time.")  # fmt: skip
YEAR_TURNS = Column("year_turns", integer, "How often the year turned between a line that tells none and the last such line of the log.")  # fmt: skip

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
_BARE = re.compile(
    rf"(?:<\d{{1,3}}>)?({'|'.join(MONTHS)}) {{1,2}}(\d{{1,2}}) (\d\d:\d\d:\d\d(?:\.\d{{1,9}})?)(?=[ :])",
    re.ASCII,
)
_ROTATED = re.compile(r"[-.](\d{4})-?(\d\d)-?(\d\d)(?:[.-]|$)", re.ASCII)
_DAY = timedelta(days=1)


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
    at, wall = iso(front["iso"]) if front["iso"] else (None, None)
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


def is_log(head: bytes) -> bool:
    """Whether the first bytes of a file are lines of syslog."""
    return log_rows.most(line_of(one) for one in log_rows.first_lines(head))


def stamp_without_year(line: str) -> str | None:
    """The time a line begins with where it tells no year, whatever stands behind it."""
    found = _BARE.match(line.lstrip("\ufeff"))
    return f"{found[1]} {found[2]} {found[3]}" if found else None


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


class Clocks:
    """Gives each line of a log its time; what lies before a line is known once the whole log was looked through."""

    def __init__(self, artefact: Artefact, stamp_of: Callable[[str], str | None] | None = None) -> None:
        """Look through the log; `stamp_of` gives the stamp without a year of a line, that of syslog unless told."""
        years, last = Years(), None
        with artefact.open() as stream:
            for line in lines(stream, codecs.Decoder(log_rows.codec_of(artefact))):
                stamp = _stamp(line) if stamp_of is None else stamp_of(line)
                if stamp is not None:
                    years.take(month_of(stamp))
                    last = stamp
        self._turns = years.turns
        self._year = _year(artefact.path, last)
        self._years = Years()

    def take(self, stamp: str | None) -> None:
        """Take the stamp without a year of the next line, whether or not it becomes a row."""
        if stamp is not None:
            self._years.take(month_of(stamp))

    def without_year(self, stamp: str) -> tuple[dict[str, Any], bool]:
        """The columns of a stamp without a year, that of the line taken last; and whether it is a time."""
        turns = self._turns - self._years.turns
        values: dict[str, Any] = {"clock_text": stamp, "year_turns": turns}
        if self._year is not None and self._year > turns:
            values["logged_local"] = in_year(stamp, self._year - turns)
        is_told = self._year is None or values.get("logged_local") is not None
        return values, in_year(stamp, 2000) is not None and is_told


def month_of(stamp: str) -> int:
    """The number of the month a stamp without a year begins with."""
    return MONTHS.index(stamp[:3]) + 1


def _stamp(line: str) -> str | None:
    found = line_of(line)
    return found.stamp if found is not None and found.month is not None else None


def _year(path: str, last: str | None) -> int | None:
    """The year of the last stamp, by the day on which the log was put aside; None where its name tells none."""
    found = _ROTATED.search(path.rsplit("/", 1)[-1])
    if found is None or last is None:
        return None
    try:
        aside = date(int(found[1]), int(found[2]), int(found[3])) + _DAY
    except (ValueError, OverflowError):
        return None
    # With `dateyesterday` the name is that of the day before.
    wall = in_year(last, aside.year)
    if wall is not None and wall.date() <= aside:
        return aside.year
    return aside.year - 1 if aside.year > 1 else None


def iso(stored: str) -> tuple[datetime | None, datetime | None]:
    """The instant of an ISO time with its zone, or the wall clock of one without; neither where it is none."""
    try:
        at = datetime.fromisoformat(stored)
        return (None, at) if at.tzinfo is None else (at.astimezone(UTC), None)
    except (ValueError, OverflowError):
        return None, None
