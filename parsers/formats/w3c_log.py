"""Lines of the W3C extended log format, whose fields a `#Fields` line names and may name anew.

References:
    - W3C, Extended Log File Format (WD-logfile-960323)
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_VALUE = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?", re.ASCII)
_FIELDS = re.compile(r"\s*#fields:\s*(.*)", re.IGNORECASE)
MOST_FIELDS = 512


class Directives:
    """What the lines with `#` have said so far: names of the fields in lower case, and the date of the log."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.fields: tuple[str, ...] = ()
        self._date: str | None = None

    def take(self, line: str) -> bool:
        """Whether a line is a directive; what it says holds from here on."""
        if not line.startswith("#"):
            return False
        name, _, value = line[1:].partition(":")
        match name.strip().casefold():
            case "fields":
                self.fields = tuple(value.lower().split()[:MOST_FIELDS])
            case "date":
                self._date = value.strip()[:10]
        return True

    def values(self, line: str) -> tuple[dict[str, str | None], int]:
        """The values of a line by field, None for `-`, and how many there are."""
        parts = line.rstrip().split("\t") if "\t" in line else _parts(line)
        told = {
            name: None if part in ("-", "") else part for name, part in zip(self.fields, parts, strict=False)
        }
        return told, len(parts)

    def clock(self, values: dict[str, str | None]) -> str | None:
        """Date and time of a line as written; the date of the log where the line has a time alone."""
        date, time = values.get("date") or self._date, values.get("time")
        return f"{date} {time}" if date and time else None


def _parts(line: str) -> list[str]:
    if '"' not in line:
        return line.split()
    return [one[1].replace('""', '"') if one[2] is None else one[2] for one in _VALUE.finditer(line)]


@lru_cache(maxsize=1024)
def instant(stored: str) -> datetime | None:
    """The instant of a clock in UTC; None where it is none."""
    if not _CLOCK.fullmatch(stored):
        return None
    try:
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    except ValueError:
        return None


def fields_of(lines: list[str]) -> frozenset[str]:
    """The fields that the first `#Fields` line among some names."""
    for line in lines:
        if found := _FIELDS.match(line):
            return frozenset(found[1].lower().split())
    return frozenset()


def is_proxy(fields: frozenset[str]) -> bool:
    """Whether these are fields of a proxy: it fetches from elsewhere, which a web server does not."""
    return bool(fields & {"s-action", "cs-uri-scheme", "r-ip", "r-host", "cs-uri"}) and bool(
        fields & {"c-ip", "cs-username"}
    )


def is_web(fields: frozenset[str]) -> bool:
    """Whether these are fields of a web server."""
    return "cs-uri-stem" in fields and "time" in fields and not is_proxy(fields)
